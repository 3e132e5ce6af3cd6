//! The order of groups and how each is shared among threads.
//!
//! Order: operands first; readers of an old weight before the group that overwrites it; the check of the loss before
//! any variable is written; and among what is ready, first what needs no new barrier. Shares: a layer is cut by
//! neurons, so that a thread goes on using the weights that are in its cache; what follows is cut as what it reads.

use std::collections::BTreeSet;

use rosenblatt_tensor::machine::{Partition, Reads};
use rosenblatt_tensor::{DType, Layout, Result};

use super::groups::{Edge, GroupId, Groups, Root};
use super::ready::{Jobs, Next, order};
use super::waits::{InPlace, Waits};
use crate::NodeId;
use crate::op::Lowering;

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// Compute a group.
    Group(GroupId),
    /// Stop if the checked value is not finite.
    Check(NodeId),
    /// Copy a next value to its place, as it could not be computed there.
    Copy(NodeId, NodeId),
}

/// The order, the shares, and where next values are computed.
pub(crate) struct Schedule {
    pub(crate) items: Vec<Item>,
    /// For each group.
    pub(crate) splits: Vec<Partition>,
    pub(crate) in_place: InPlace,
}

pub(crate) fn schedule(groups: &Groups, threads: usize) -> Result<Schedule> {
    let splits = splits(groups, threads);
    let mut waits = Waits::new(groups);
    let mut in_place = InPlace::default();
    let mut copies = Vec::new();
    for &(variable, next) in &groups.ir.updates {
        // A node may be the next value of one variable only.
        let is_free = in_place.variable(next).is_none();
        if let Some(readers) = is_free.then(|| waits.overwritable(groups, variable, next)).flatten() {
            let writer = groups.of[next].unwrap_or_default();
            readers.into_iter().for_each(|reader| waits.add(reader, writer));
            in_place.add(variable, next);
        } else {
            copies.push(Item::Copy(variable, next));
        }
    }
    let mut items = items(groups, waits, &splits, &in_place)?;
    items.extend(copies);
    Ok(Schedule {
        items,
        splits,
        in_place,
    })
}

/// All groups and the check, in order.
fn items(groups: &Groups, waits: Waits, splits: &[Partition], in_place: &InPlace) -> Result<Vec<Item>> {
    let count = groups.groups.len();
    let mut by_age: Vec<GroupId> = (0..count).filter(|&g| !groups.groups[g].members.is_empty()).collect();
    by_age.sort_by_key(|&g| groups.groups[g].members.last().copied());
    let order = order(&Jobs {
        by_age,
        after: waits.after,
        sees: (0..count).map(|group| sees(groups, splits, group)).collect(),
        writers: in_place.iter().filter_map(|(_, next)| groups.of[next]).collect(),
        checked: waits.checked.map(|(_, group)| group),
    })?;
    let item = |next| match next {
        Next::Job(group) => Some(Item::Group(group)),
        Next::Check => waits.checked.map(|(base, _)| Item::Check(base)),
    };
    Ok(order.into_iter().filter_map(item).collect())
}

/// Groups of which a group sees what another thread has computed.
fn sees(groups: &Groups, splits: &[Partition], group: GroupId) -> Vec<GroupId> {
    let mut sees = Vec::new();
    for &id in &groups.groups[group].members {
        for (operand, edge) in groups.edges[id].iter().enumerate() {
            let writer = groups.of[edge.base].filter(|&writer| writer != group);
            sees.extend(writer.filter(|&writer| !stays_apart(groups, splits, [writer, group], (id, operand))));
        }
    }
    sees
}

/// A share for each group, operands' groups first.
fn splits(groups: &Groups, threads: usize) -> Vec<Partition> {
    let mut splits = vec![Partition::One; groups.groups.len()];
    if threads == 1 {
        return splits;
    }
    let mut by_age: Vec<GroupId> = (0..groups.groups.len())
        .filter(|&g| !groups.groups[g].members.is_empty())
        .collect();
    by_age.sort_by_key(|&g| match groups.groups[g].root {
        Root::None => groups.groups[g].members[0],
        Root::Product(id) | Root::ColumnSum(id) | Root::Kernel(id) => id,
    });
    let nexts: BTreeSet<NodeId> = groups.ir.updates.iter().map(|&(_, next)| next).collect();
    for group in by_age {
        splits[group] = split(groups, group, threads, &splits, &nexts);
    }
    splits
}

fn split(groups: &Groups, group: GroupId, threads: usize, splits: &[Partition], nexts: &BTreeSet<NodeId>) -> Partition {
    let this = &groups.groups[group];
    let space = &this.space;
    let rank = space.rank();
    let rows_worth = |axis: usize| space[axis] >= Partition::ROWS * threads;
    let is_shared = |id: &NodeId| nexts.contains(id) || groups.ir.nodes[*id].ty.dtype == DType::Bool;
    let source = || {
        this.members.iter().flat_map(|&id| &groups.edges[id]).find_map(|edge| {
            let of = groups.of[edge.base].filter(|&g| g != group && groups.groups[g].space == *space)?;
            (groups.ir.nodes[edge.base].ty.shape == *space).then_some(splits[of])
        })
    };
    let small = if this.members.iter().any(is_shared) {
        Partition::One
    } else {
        Partition::Each
    };
    match this.root {
        Root::Product(_) => Partition::of_product(&groups.walked(group).unwrap_or(*space), threads),
        Root::ColumnSum(_) if rank == 1 && space[0] >= Partition::COLUMNS * threads => Partition::Axis(0),
        Root::ColumnSum(_) => Partition::One,
        Root::Kernel(_) if rank == 0 => small,
        Root::Kernel(id) if (rows_worth(0) || source() == Some(Partition::Axis(0))) && alike(groups, id) => {
            Partition::Axis(0)
        }
        Root::Kernel(_) => Partition::One,
        Root::None if space.elements() == 1 => small,
        Root::None => match source() {
            Some(split @ Partition::Axis(_)) => split,
            _ if rank > 0 && rows_worth(0) => Partition::Axis(0),
            _ => Partition::One,
        },
    }
}

/// Whether all results of a kernel can be cut at the same places.
fn alike(groups: &Groups, id: NodeId) -> bool {
    let rows = |(ty, _): &(crate::Type, Option<NodeId>)| ty.shape.first().copied();
    groups
        .kernel_results(id)
        .is_ok_and(|all| all.iter().all(|result| rows(result) == rows(&all[0])))
}

/// Whether a group sees of an operand, which `writer` computes, only what its own thread has computed. A guess that saves
/// barriers; the machine, which puts them, looks at the bytes.
fn stays_apart(
    groups: &Groups,
    splits: &[Partition],
    [writer, reader]: [GroupId; 2],
    (id, operand): (NodeId, usize),
) -> bool {
    let edge = &groups.edges[id][operand];
    match (splits[writer], splits[reader]) {
        (Partition::Each, _) | (Partition::One, Partition::One) => true,
        (Partition::Axis(a), Partition::Axis(b)) => {
            axis_of_part(groups, id, operand, edge, b) == Some(axis_in_node(groups, edge.base, a))
        }
        _ => false,
    }
}

/// An axis of a group's space as an axis of one of its nodes.
fn axis_in_node(groups: &Groups, id: NodeId, axis: usize) -> usize {
    if groups.transposed[id] { 1 - axis.min(1) } else { axis }
}

/// Along which axis of the operand's node a part of `axis` of the reader's space lies; `None` if it needs more.
fn axis_of_part(groups: &Groups, id: NodeId, operand: usize, edge: &Edge, axis: usize) -> Option<usize> {
    let own = Layout::contiguous(groups.ir.nodes[edge.base].ty.shape);
    let same = edge.layout == own;
    let exchanged = own.permute(&[1, 0]).is_ok_and(|layout| layout == edge.layout);
    let through = |axis: usize| {
        if same {
            Some(axis)
        } else {
            exchanged.then(|| 1 - axis.min(1))
        }
    };
    match groups.ir.lowering(id)? {
        Lowering::Kernel(kernel) => {
            (kernel.reads(operand) == Reads::Rows && axis == 0 && edge.layout.is_contiguous()).then_some(0)
        }
        Lowering::Product => {
            let rank = groups.ir.nodes[id].ty.shape.rank();
            if axis + 2 < rank {
                let at = axis.checked_sub(rank - own.shape().rank())?;
                let on_axis = |layout: &Layout| Some((*layout.shape().get(at)?, *layout.strides().get(at)?));
                return (on_axis(&own) == on_axis(&edge.layout)).then_some(at);
            }
            let kept = if operand == 0 { rank - 2 } else { rank - 1 };
            (axis == kept).then(|| through(axis)).flatten()
        }
        // Images go with their row of the batch.
        Lowering::Convolution(_) => (operand == 1 && axis == 0 && same).then_some(0),
        Lowering::ColumnSum => same.then(|| edge.layout.shape().rank() - 1),
        Lowering::Elementwise(_) => {
            let own_axis = axis_in_node(groups, id, axis);
            (groups.ir.nodes[id].ty.shape == *edge.layout.shape())
                .then(|| through(own_axis))
                .flatten()
        }
        Lowering::View | Lowering::Scan(_) => None,
    }
}
