//! What must come before what, and which variables may be overwritten where they lie.

use std::collections::{BTreeMap, BTreeSet};

use rosenblatt_tensor::Layout;

use super::groups::{GroupId, Groups, Root};
use super::ranks::Neighbors;
use crate::NodeId;

/// Variables overwritten by the group that computes the next value.
#[derive(Default)]
pub(crate) struct InPlace {
    /// `(variable, next)`, in the order of the updates.
    pairs: Vec<(NodeId, NodeId)>,
    /// By next value.
    variables: BTreeMap<NodeId, NodeId>,
}

impl InPlace {
    /// Variables and their next values, in the order of the updates.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (NodeId, NodeId)> {
        self.pairs.iter().copied()
    }

    /// The variable that a node overwrites.
    pub(crate) fn variable(&self, next: NodeId) -> Option<NodeId> {
        self.variables.get(&next).copied()
    }

    /// Whether `next` overwrites `variable`.
    pub(crate) fn contains(&self, variable: NodeId, next: NodeId) -> bool {
        self.variable(next) == Some(variable)
    }

    /// Adds a pair.
    pub(super) fn add(&mut self, variable: NodeId, next: NodeId) {
        self.pairs.push((variable, next));
        self.variables.insert(next, variable);
    }

    /// Drops the pairs of these next values.
    pub(super) fn remove(&mut self, nexts: &BTreeSet<NodeId>) {
        self.pairs.retain(|(_, next)| !nexts.contains(next));
        self.variables.retain(|next, _| !nexts.contains(next));
    }
}

/// Which groups wait for which.
pub(super) struct Waits {
    /// For each group, those that must come after it; a group is named as often as it waits.
    pub(super) after: Vec<Vec<GroupId>>,
    /// The node that is checked before any variable is written, and its group: no plan checks what it does not compute.
    pub(super) checked: Option<(NodeId, GroupId)>,
}

impl Waits {
    pub(super) fn new(groups: &Groups) -> Self {
        let count = groups.groups.len();
        let mut this = Self {
            after: vec![Vec::new(); count],
            checked: checked(groups),
        };
        for group in 0..count {
            groups.next(group).for_each(|next| this.add(group, next));
        }
        this
    }

    pub(super) fn add(&mut self, first: GroupId, then: GroupId) {
        self.after[first].push(then);
    }

    /// Whether `next` may be computed where `variable` lies; if so, the groups that must have read `variable` before.
    pub(super) fn overwritable(&self, groups: &Groups, variable: NodeId, next: NodeId) -> Option<Vec<GroupId>> {
        let writer = groups.of[next]?;
        let is_kernel = matches!(groups.groups[writer].root, Root::Kernel(_));
        if is_kernel || groups.ir.nodes[variable].ty != groups.ir.nodes[next].ty {
            return None;
        }
        let late = self.behind(writer);
        // The check comes before any variable is written, so what it waits for may not write one.
        if self.checked.is_some_and(|(_, group)| late.contains(&group)) {
            return None;
        }
        if groups.stores_checked(writer, variable, None) {
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
                            .all(|edge| edge.base != variable || edge.layout == own);
                    if !same_place {
                        return None;
                    }
                }
                group if late.contains(&group) => return None,
                group => readers.push(group),
            }
        }
        Some(readers)
    }

    /// A group and all that wait for it, directly or not.
    fn behind(&self, group: GroupId) -> BTreeSet<GroupId> {
        let mut seen = BTreeSet::new();
        let mut open = vec![group];
        while let Some(group) = open.pop() {
            if seen.insert(group) {
                open.extend(&self.after[group]);
            }
        }
        seen
    }
}

/// The node that is checked, and its group.
fn checked(groups: &Groups) -> Option<(NodeId, GroupId)> {
    let (base, _) = groups.ir.resolve(groups.ir.check?).ok()?;
    Some((base, groups.of[base]?))
}
