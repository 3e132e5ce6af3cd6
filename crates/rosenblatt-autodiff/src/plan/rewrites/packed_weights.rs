//! Weights are kept in the order in which products read them, so that they are never packed.
//!
//! Legal for a matrix whose every use is a side of a product, or a chain on a product's tiles: those can address
//! panels. What else reads it gets an unpacked copy from the plan's core.

use rosenblatt_tensor::Layout;

use super::{Pass, Rewrite};
use crate::NodeId;
use crate::plan::groups::{Anchor, Groups};

pub(super) const REWRITE: Rewrite = Rewrite {
    name: "packed_weights",
    saves: "packing a right operand in every product",
    pass: Pass::Placement,
};

/// States of a plan that are best kept packed (transposed: `[out, in]` as panels of `[in, out]`).
///
/// `in_place` are the variables that are overwritten where they lie; others cannot be packed.
pub(crate) fn choose(groups: &Groups, in_place: &[(NodeId, NodeId)]) -> Vec<NodeId> {
    let variables =
        (0..groups.ir.nodes.len()).filter(|&id| matches!(groups.ir.nodes[id].origin, crate::Origin::Variable(_)));
    let able: Vec<NodeId> = variables.filter(|&id| is_able(groups, id, in_place)).collect();
    let wants = |id: NodeId| {
        groups.readers[id]
            .iter()
            .any(|&reader| is_right_side(groups, reader, id))
    };
    let mut chosen: Vec<NodeId> = able.iter().copied().filter(|&id| wants(id)).collect();
    // Optimizer state lies as its weight does, so that one chain walks both.
    let beside = |id: NodeId, chosen: &[NodeId]| {
        groups.readers[id].iter().any(|&r| {
            let members = groups.of[r].map(|g| &groups.groups[g].members);
            members.is_some_and(|m| {
                m.iter()
                    .any(|n| groups.edges[*n].iter().any(|e| chosen.contains(&e.root)))
            })
        })
    };
    let companions: Vec<NodeId> = able
        .iter()
        .copied()
        .filter(|id| !chosen.contains(id) && beside(*id, &chosen))
        .collect();
    chosen.extend(companions);
    chosen
}

/// Whether every use can address panels.
fn is_able(groups: &Groups, variable: NodeId, in_place: &[(NodeId, NodeId)]) -> bool {
    let matrix = groups.ir.nodes[variable].ty.shape.rank() == 2;
    let output = groups
        .ir
        .outputs
        .iter()
        .any(|&id| groups.ir.resolve(id).is_ok_and(|(root, _)| root == variable));
    let read = groups.readers[variable]
        .iter()
        .all(|&reader| can_read(groups, reader, variable));
    let mut updates = groups.ir.updates.iter().filter(|(s, _)| *s == variable);
    let written = updates.all(|update| in_place.contains(update) && can_be_written(groups, update.1));
    matrix && !output && read && written
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
    let product = matches!(groups.of[reader].map(|g| groups.groups[g].anchor), Some(Anchor::Product(p)) if p == reader);
    groups.edges[reader]
        .iter()
        .filter(|edge| edge.root == variable)
        .all(|edge| {
            let whole = edge.layout == own || Some(edge.layout) == own.permute(&[1, 0]).ok();
            let side = product && whole && groups.ir.nodes[reader].ty.shape.rank() == 2;
            side || (edge.layout == own && in_transposed_chain(groups, reader))
        })
}

/// Whether a node belongs to the chain of a product whose tiles run along its columns.
fn in_transposed_chain(groups: &Groups, id: NodeId) -> bool {
    let anchor = groups.of[id].map(|g| groups.groups[g].anchor);
    groups.is_elementwise(id) && groups.transposed[id] && matches!(anchor, Some(Anchor::Product(_)))
}

fn is_right_side(groups: &Groups, reader: NodeId, variable: NodeId) -> bool {
    let own = Layout::contiguous(groups.ir.nodes[variable].ty.shape);
    let anchor = groups.of[reader].map(|g| groups.groups[g].anchor);
    let right = groups.edges[reader].get(1);
    anchor == Some(Anchor::Product(reader))
        && right.is_some_and(|edge| edge.root == variable && Some(edge.layout) == own.permute(&[1, 0]).ok())
}
