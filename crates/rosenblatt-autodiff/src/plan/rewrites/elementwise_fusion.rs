//! Element-wise neighbors become one chain, so that what passes between them stays in the first-level cache.

use super::{Pass, Rewrite};
use crate::NodeId;
use crate::plan::groups::{Groups, Root};
use rosenblatt_tensor::Result;

pub(super) const REWRITE: Rewrite = Rewrite {
    name: "elementwise_fusion",
    saves: "stores and loads between element-wise operations",
    pass: Pass::Groups(apply),
};

fn apply(groups: &mut Groups) -> Result<()> {
    for id in (0..groups.ir.nodes.len()).rev() {
        join_readers(groups, id);
    }
    for id in 0..groups.ir.nodes.len() {
        join_operands(groups, id);
    }
    Ok(())
}

/// A node all of whose readers are in one chain joins them: then it is computed late, and not stored.
fn join_readers(groups: &mut Groups, id: NodeId) {
    let free = |groups: &Groups, id: NodeId| {
        groups.is_elementwise(id) && groups.of[id].is_some_and(|g| groups.groups[g].root == Root::None)
    };
    let Some(&first) = groups.readers[id].first() else {
        return;
    };
    if !free(groups, id) || groups.wanted[id] {
        return;
    }
    let together = groups.readers[id].iter().all(|&reader| {
        free(groups, reader)
            && groups.of[reader] == groups.of[first]
            && groups.edges[reader]
                .iter()
                .filter(|edge| edge.base == id)
                .all(|edge| groups.fused(reader, edge) == Some(false))
    });
    if let (true, Some(a), Some(b)) = (together, groups.of[first], groups.of[id]) {
        groups.join(a, b, false);
    }
}

/// A chain joins the chains it reads from.
fn join_operands(groups: &mut Groups, id: NodeId) {
    if !groups.is_elementwise(id) {
        return;
    }
    for edge in groups.edges[id].clone() {
        let (Some(a), Some(b)) = (groups.of[edge.base], groups.of[id]) else {
            continue;
        };
        let free = groups.groups[a].root == Root::None && groups.groups[b].root == Root::None;
        if free && groups.fused(id, &edge) == Some(false) {
            groups.join(a, b, false);
        }
    }
}
