//! The order of groups and how each is shared among threads.
//!
//! Order: operands first; readers of an old weight before the group that overwrites it; the check of the loss before
//! any variable is written; and among what is ready, first what needs no new barrier. Shares: a layer is cut by
//! neurons, so that a thread goes on using the weights that are in its cache; what follows is cut as what it reads.

use rosenblatt_tensor::machine::{Reads, Split};
use rosenblatt_tensor::{Error, Layout, Result};

use super::groups::{Anchor, Edge, GroupId, Groups};
use crate::NodeId;
use crate::op::Lowering;

/// Rows and columns below which a thread has nothing of its own.
const ROWS: usize = 16;
const COLUMNS: usize = 32;

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
    pub(crate) splits: Vec<Split>,
    /// Variables overwritten by the group that computes the next one: `(variable, next)`.
    pub(crate) in_place: Vec<(NodeId, NodeId)>,
}

pub(crate) fn schedule(groups: &Groups, threads: usize) -> Result<Schedule> {
    let splits = splits(groups, threads);
    let mut needs = needs(groups);
    let mut in_place = Vec::new();
    let mut copies = Vec::new();
    for &(variable, next) in &groups.ir.updates {
        if let Some(readers) = overwritable(groups, &needs, &in_place, variable, next) {
            let writer = groups.of[next].unwrap_or_default();
            needs[writer].extend(readers);
            in_place.push((variable, next));
        } else {
            copies.push(Item::Copy(variable, next));
        }
    }
    let mut items = order(groups, &needs, &splits, &in_place)?;
    items.extend(copies);
    Ok(Schedule {
        items,
        splits,
        in_place,
    })
}

/// For each group, those that must come before it.
fn needs(groups: &Groups) -> Vec<Vec<GroupId>> {
    let mut needs = vec![Vec::new(); groups.groups.len()];
    for group in 0..groups.groups.len() {
        groups.next(group).for_each(|next| needs[next].push(group));
    }
    needs
}

/// Whether `next` may be computed where `variable` lies; if so, the groups that must have read `variable` before.
fn overwritable(
    groups: &Groups,
    needs: &[Vec<GroupId>],
    taken: &[(NodeId, NodeId)],
    variable: NodeId,
    next: NodeId,
) -> Option<Vec<GroupId>> {
    let writer = groups.of[next]?;
    let computed = matches!(
        groups.groups[writer].anchor,
        Anchor::None | Anchor::Product(_) | Anchor::ColumnSum(_)
    );
    let again = taken.iter().any(|&(s, n)| s == variable || n == next);
    let output = groups
        .ir
        .outputs
        .iter()
        .any(|&id| groups.ir.resolve(id).is_ok_and(|(root, _)| root == variable));
    if !computed || again || output || groups.ir.nodes[variable].ty != groups.ir.nodes[next].ty {
        return None;
    }
    // The check comes before any variable is written, so what it waits for may not write one.
    let checked = groups
        .ir
        .check
        .and_then(|id| groups.ir.resolve(id).ok())
        .and_then(|(root, _)| groups.of[root]);
    if checked.is_some_and(|group| reaches(needs, group, writer)) {
        return None;
    }
    // A watched value is the variable itself, and would be stored after the next one.
    let copies = |&id: &NodeId| groups.watched(id) == variable && groups.is_stored(id);
    if groups.groups[writer].members.iter().any(copies) {
        return None;
    }
    let own = Layout::contiguous(groups.ir.nodes[variable].ty.shape);
    let mut readers = Vec::new();
    for &reader in &groups.readers[variable] {
        match groups.of[reader]? {
            group if group == writer => {
                let same_place = groups.is_elementwise(reader)
                    && groups.transposed[reader] == groups.transposed[next]
                    && groups.edges[reader]
                        .iter()
                        .all(|edge| edge.root != variable || edge.layout == own);
                if !same_place {
                    return None;
                }
            }
            group if reaches(needs, group, writer) => return None,
            group => readers.push(group),
        }
    }
    Some(readers)
}

/// Whether `from` needs `to`, directly or not.
fn reaches(needs: &[Vec<GroupId>], from: GroupId, to: GroupId) -> bool {
    let mut seen = vec![false; needs.len()];
    let mut open = vec![from];
    while let Some(group) = open.pop() {
        if group == to {
            return true;
        }
        if !std::mem::replace(&mut seen[group], true) {
            open.extend(&needs[group]);
        }
    }
    false
}

/// A share for each group, operands' groups first.
fn splits(groups: &Groups, threads: usize) -> Vec<Split> {
    let mut splits = vec![Split::One; groups.groups.len()];
    if threads == 1 {
        return splits;
    }
    let mut by_age: Vec<GroupId> = (0..groups.groups.len())
        .filter(|&g| !groups.groups[g].members.is_empty())
        .collect();
    by_age.sort_by_key(|&g| match groups.groups[g].anchor {
        Anchor::None => groups.groups[g].members[0],
        Anchor::Product(id) | Anchor::ColumnSum(id) | Anchor::Kernel(id) => id,
    });
    for group in by_age {
        splits[group] = split(groups, group, threads, &splits);
    }
    splits
}

fn split(groups: &Groups, group: GroupId, threads: usize, splits: &[Split]) -> Split {
    let this = &groups.groups[group];
    let space = &this.space;
    let rank = space.rank();
    let rows_worth = |axis: usize| space[axis] >= ROWS * threads;
    let writes_state = this
        .members
        .iter()
        .any(|id| groups.ir.updates.iter().any(|(_, next)| next == id));
    let truths = this
        .members
        .iter()
        .any(|&id| groups.ir.nodes[id].ty.dtype == rosenblatt_tensor::DType::Bool);
    let small = if writes_state || truths {
        Split::One
    } else {
        Split::Each
    };
    match this.anchor {
        Anchor::Product(_) if space[rank - 1] >= COLUMNS * threads => Split::Axis(rank - 1),
        Anchor::Product(_) if rows_worth(rank - 2) => Split::Axis(rank - 2),
        Anchor::Product(_) => Split::One,
        Anchor::ColumnSum(_) if rank == 1 && space[0] >= COLUMNS * threads => Split::Axis(0),
        Anchor::ColumnSum(_) => Split::One,
        Anchor::Kernel(_) if rank == 0 => small,
        Anchor::Kernel(_) if rows_worth(0) => Split::Axis(0),
        Anchor::Kernel(_) => Split::One,
        Anchor::None if space.elements() == 1 => small,
        Anchor::None => {
            let source = this.members.iter().flat_map(|&id| &groups.edges[id]).find_map(|edge| {
                let of = groups.of[edge.root].filter(|&g| g != group && groups.groups[g].space == *space)?;
                (groups.ir.nodes[edge.root].ty.shape == *space).then_some(splits[of])
            });
            match source {
                Some(split @ Split::Axis(_)) => split,
                _ if rank > 0 && rows_worth(0) => Split::Axis(0),
                _ => Split::One,
            }
        }
    }
}

/// A list of everything, operands first, with as few changes of phase as a greedy choice finds.
fn order(
    groups: &Groups,
    needs: &[Vec<GroupId>],
    splits: &[Split],
    in_place: &[(NodeId, NodeId)],
) -> Result<Vec<Item>> {
    let mut left: Vec<GroupId> = (0..groups.groups.len())
        .filter(|&g| !groups.groups[g].members.is_empty())
        .collect();
    left.sort_by_key(|&g| groups.groups[g].members.last().copied());
    let checked = groups
        .ir
        .check
        .and_then(|id| groups.ir.resolve(id).ok())
        .map(|(root, _)| root);
    let mut check = checked;
    let mut done = vec![false; groups.groups.len()];
    let mut fresh: Vec<GroupId> = Vec::new(); // computed since the last change of phase
    let mut items = Vec::new();
    while !left.is_empty() || check.is_some() {
        if let Some(root) = check.filter(|&root| groups.of[root].is_none_or(|g| done[g])) {
            items.push(Item::Check(root));
            check = None;
            continue;
        }
        let writes = |g: GroupId| in_place.iter().any(|&(_, next)| groups.of[next] == Some(g));
        let ready = |g: GroupId| needs[g].iter().all(|&n| done[n]) && !(check.is_some() && writes(g));
        let free = |g: GroupId| fresh.iter().all(|&f| stays_apart(groups, f, g, splits));
        let pick = left.iter().position(|&g| ready(g) && free(g));
        let Some(pick) = pick.or_else(|| left.iter().position(|&g| ready(g))) else {
            return Err(Error::internal("groups that wait for each other"));
        };
        let group = left.remove(pick);
        if !free(group) {
            fresh.clear();
        }
        fresh.push(group);
        done[group] = true;
        items.push(Item::Group(group));
    }
    Ok(items)
}

/// Whether `reader` sees of what `writer` computes only what its own thread has computed. A guess that saves barriers;
/// the machine, which puts them, looks at the bytes.
fn stays_apart(groups: &Groups, writer: GroupId, reader: GroupId, splits: &[Split]) -> bool {
    let (w, r) = (splits[writer], splits[reader]);
    for &id in &groups.groups[reader].members {
        for (operand, edge) in groups.edges[id].iter().enumerate() {
            if groups.of[edge.root] != Some(writer) {
                continue;
            }
            let apart = match (w, r) {
                (Split::Each, _) | (Split::One, Split::One) => true,
                (Split::Axis(a), Split::Axis(b)) => {
                    axis_of_part(groups, id, operand, edge, b) == Some(axis_in_node(groups, edge.root, a))
                }
                _ => false,
            };
            if !apart {
                return false;
            }
        }
    }
    true
}

/// An axis of a group's space as an axis of one of its nodes.
fn axis_in_node(groups: &Groups, id: NodeId, axis: usize) -> usize {
    if groups.transposed[id] { 1 - axis.min(1) } else { axis }
}

/// Along which axis of the operand's node a part of `axis` of the reader's space lies; `None` if it needs more.
fn axis_of_part(groups: &Groups, id: NodeId, operand: usize, edge: &Edge, axis: usize) -> Option<usize> {
    let own = Layout::contiguous(groups.ir.nodes[edge.root].ty.shape);
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
            let kept = if operand == 0 { rank - 2 } else { rank - 1 };
            (axis == kept).then(|| through(axis)).flatten()
        }
        Lowering::ColumnSum => same.then(|| edge.layout.shape().rank() - 1),
        Lowering::Elementwise(_) => {
            let own_axis = axis_in_node(groups, id, axis);
            (groups.ir.nodes[id].ty.shape == *edge.layout.shape())
                .then(|| through(own_axis))
                .flatten()
        }
        Lowering::View => None,
    }
}
