//! Weights are kept in the order in which products read them, so that they are never packed.
//!
//! Legal for a matrix whose every use is a side of a product, or a chain on a product's tiles: those can address
//! panels. What else reads it gets an unpacked copy from the plan's core.

use std::collections::{BTreeMap, BTreeSet};

use rosenblatt_tensor::Layout;

use super::groups::{Groups, Root};
use super::waits::InPlace;
use crate::NodeId;

/// States of a plan that are best kept packed (transposed: `[out, in]` as panels of `[in, out]`).
///
/// `in_place` are the variables that are overwritten where they lie; others cannot be packed.
pub(crate) fn choose(groups: &Groups, in_place: &InPlace) -> BTreeSet<NodeId> {
    let nexts: BTreeMap<NodeId, NodeId> = groups.ir.updates.iter().copied().collect();
    let variables =
        (0..groups.ir.nodes.len()).filter(|&id| matches!(groups.ir.nodes[id].origin, crate::Origin::Variable(_)));
    let is_written_there = |id: &NodeId| {
        let next = nexts.get(id);
        next.is_none_or(|&next| in_place.contains(*id, next) && can_be_written(groups, next))
    };
    let able: Vec<NodeId> = variables
        .filter(|&id| is_able(groups, id))
        .filter(is_written_there)
        .collect();
    let wants = |id: &NodeId| {
        groups.readers[*id]
            .iter()
            .any(|&reader| is_right_side(groups, reader, *id))
    };
    let wanted: BTreeSet<NodeId> = able.iter().copied().filter(wants).collect();
    // Optimizer state lies as its weight does, so that one chain walks both.
    let reads_wanted = |member: &NodeId| groups.edges[*member].iter().any(|edge| wanted.contains(&edge.base));
    let is_next = |id: &NodeId| {
        groups.readers[*id].iter().any(|&reader| {
            let members = groups.of[reader].map(|group| &groups.groups[group].members);
            members.is_some_and(|members| members.iter().any(reads_wanted))
        })
    };
    able.iter()
        .copied()
        .filter(|id| wanted.contains(id) || is_next(id))
        .collect()
}

/// Whether every reader can address panels.
fn is_able(groups: &Groups, variable: NodeId) -> bool {
    groups.ir.nodes[variable].ty.shape.rank() == 2
        && groups.readers[variable]
            .iter()
            .all(|&reader| can_read(groups, reader, variable))
}

/// Whether the next value of a variable can be computed in panels.
pub(crate) fn can_be_written(groups: &Groups, next: NodeId) -> bool {
    // It lies in the same panels, so whoever reads it must be able to as well.
    let read = |&reader: &NodeId| can_read(groups, reader, next);
    in_transposed_chain(groups, next) && groups.readers[next].iter().all(read)
}

/// Whether `reader` can read the variable from panels.
pub(crate) fn can_read(groups: &Groups, reader: NodeId, variable: NodeId) -> bool {
    let own = Layout::contiguous(groups.ir.nodes[variable].ty.shape);
    let product = matches!(groups.of[reader].map(|g| groups.groups[g].root), Some(Root::Product(p)) if p == reader);
    groups.edges[reader]
        .iter()
        .filter(|edge| edge.base == variable)
        .all(|edge| {
            let whole = edge.layout == own || Some(edge.layout) == own.permute(&[1, 0]).ok();
            let side = product && whole && groups.ir.nodes[reader].ty.shape.rank() == 2;
            side || (edge.layout == own && in_transposed_chain(groups, reader))
        })
}

/// Whether a node belongs to the chain of a product whose tiles run along its columns.
fn in_transposed_chain(groups: &Groups, id: NodeId) -> bool {
    let root = groups.of[id].map(|g| groups.groups[g].root);
    groups.is_elementwise(id) && groups.transposed[id] && matches!(root, Some(Root::Product(_)))
}

fn is_right_side(groups: &Groups, reader: NodeId, variable: NodeId) -> bool {
    let own = Layout::contiguous(groups.ir.nodes[variable].ty.shape);
    let root = groups.of[reader].map(|g| groups.groups[g].root);
    let right = groups.edges[reader].get(1);
    root == Some(Root::Product(reader))
        && right.is_some_and(|edge| edge.base == variable && Some(edge.layout) == own.permute(&[1, 0]).ok())
}
