//! A number computed from numbers is computed again in the chain that uses it, instead of in a task of its own.
//!
//! Legal because the same operation on the same numbers gives the same bits; what is repeated is a few instructions.

use super::{Pass, Rewrite};
use crate::NodeId;
use crate::plan::groups::{Groups, Root};
use rosenblatt_tensor::Result;

pub(super) const REWRITE: Rewrite = Rewrite {
    name: "scalar_inlining",
    saves: "a task for each number that only chains read",
    pass: Pass::Groups(apply),
};

fn apply(groups: &mut Groups) -> Result<()> {
    for id in (0..groups.ir.nodes.len()).rev() {
        if let Some(home) = only_chain(groups, id) {
            groups.inline(home, id);
        }
    }
    Ok(())
}

/// The group whose chain alone reads a scalar that no one outside wants.
fn only_chain(groups: &Groups, id: NodeId) -> Option<usize> {
    let own = groups.of[id]?;
    let alone = groups.groups[own].root == Root::None && groups.groups[own].members == [id];
    let scalar = groups.ir.nodes[id].ty.shape.elements() == 1 && !groups.wanted[id];
    let home = groups.of[*groups.readers[id].first()?]?;
    let in_chains = groups.readers[id]
        .iter()
        .all(|&reader| groups.of[reader] == Some(home) && groups.is_elementwise(reader));
    let larger = groups.groups[home].space.elements() > 1;
    (alone && scalar && in_chains && larger).then_some(home)
}
