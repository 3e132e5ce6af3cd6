//! Element-wise work on the result of a product or a column sum is done on each tile as it is finished: bias,
//! activation, the mask of a gradient.

use super::{Pass, Rewrite};
use crate::plan::groups::Groups;
use rosenblatt_tensor::Result;

pub(super) const REWRITE: Rewrite = Rewrite {
    name: "product_epilogue",
    saves: "a store and a load of each product",
    pass: Pass::Groups(apply),
};

/// Chains that write a variable wait for `update_in_epilogue`.
fn apply(groups: &mut Groups) -> Result<()> {
    let writes = groups.writers();
    groups.join_epilogues(|group| !writes[group]);
    Ok(())
}
