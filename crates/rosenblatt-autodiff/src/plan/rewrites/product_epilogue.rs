//! Element-wise work on the result of a product or a column sum is done on each tile as it is finished: bias,
//! activation, the mask of a gradient.

use std::collections::BTreeSet;

use super::{Pass, Rewrite};
use crate::NodeId;
use crate::plan::groups::{Anchor, Groups};
use rosenblatt_tensor::Result;

pub(super) const REWRITE: Rewrite = Rewrite {
    name: "product_epilogue",
    saves: "a store and a load of each product",
    pass: Pass::Groups(|groups| apply(groups, false)),
};

/// Chains without an anchor join the product or sum they read: the last of several, which has the others behind it.
///
/// Chains that write a variable wait for `update_in_epilogue`.
pub(super) fn apply(groups: &mut Groups, updates: bool) -> Result<()> {
    let nexts: BTreeSet<NodeId> = groups.ir.updates.iter().map(|&(_, next)| next).collect();
    for group in 0..groups.groups.len() {
        let plain = groups.groups[group].anchor == Anchor::None;
        let writes_state = groups.groups[group].members.iter().any(|id| nexts.contains(id));
        if !plain || writes_state != updates {
            continue;
        }
        let mut anchors: Vec<(NodeId, usize, bool)> = Vec::new();
        for &id in &groups.groups[group].members {
            for edge in &groups.edges[id] {
                let Some(other) = groups.of[edge.root] else { continue };
                let anchor = groups.groups[other].anchor;
                if matches!(anchor, Anchor::Product(_) | Anchor::ColumnSum(_))
                    && let Some(flip) = groups.fused(id, edge)
                {
                    anchors.push((edge.root, other, flip ^ groups.transposed[edge.root]));
                }
            }
        }
        anchors.sort_unstable_by(|a, b| b.cmp(a));
        for (_, anchor, flip) in anchors {
            if groups.join(anchor, group, flip) {
                break;
            }
        }
    }
    Ok(())
}
