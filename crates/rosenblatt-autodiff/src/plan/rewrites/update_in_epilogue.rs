//! The optimizer's step is taken on each tile of a weight gradient as it is finished: the gradient is never stored.
//!
//! Legal because the tile holds the very numbers that would have been stored. (That nothing later reads the old
//! weight is the scheduler's business: it orders readers first, or keeps both.)

use super::{Pass, Rewrite};
use crate::plan::groups::Groups;
use rosenblatt_tensor::Result;

pub(super) const REWRITE: Rewrite = Rewrite {
    name: "update_in_epilogue",
    saves: "gradient buffers and a pass over the parameters",
    pass: Pass::Groups(apply),
};

fn apply(groups: &mut Groups) -> Result<()> {
    let writes = groups.writers();
    groups.join_epilogues(|group| writes[group]);
    Ok(())
}
