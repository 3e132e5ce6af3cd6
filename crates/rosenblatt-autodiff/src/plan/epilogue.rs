//! Chains that join the product or sum they read.

use super::groups::{GroupId, Groups, Root};
use crate::NodeId;

impl Groups {
    /// The chains without a root for which `wanted` holds join the product or sum they read: the last of several, which
    /// has the others behind it.
    pub(crate) fn join_epilogues(&mut self, wanted: impl Fn(GroupId) -> bool) {
        for group in 0..self.groups.len() {
            if self.groups[group].root != Root::None || !wanted(group) {
                continue;
            }
            let mut roots: Vec<(NodeId, GroupId, bool)> = Vec::new();
            for &id in &self.groups[group].members {
                for edge in &self.edges[id] {
                    let Some(other) = self.of[edge.base] else { continue };
                    let root = self.groups[other].root;
                    if matches!(root, Root::Product(_) | Root::ColumnSum(_))
                        && let Some(flip) = self.fused(id, edge)
                    {
                        roots.push((edge.base, other, flip ^ self.transposed[edge.base]));
                    }
                }
            }
            roots.sort_unstable_by(|a, b| b.cmp(a));
            for (_, root, flip) in roots {
                if self.join(root, group, flip) {
                    break;
                }
            }
        }
    }

    /// For each group whether it computes the next value of a variable.
    pub(crate) fn writers(&self) -> Vec<bool> {
        let mut writes = vec![false; self.groups.len()];
        let nexts = self.ir.updates.iter().filter_map(|&(_, next)| self.of[next]);
        nexts.for_each(|group| writes[group] = true);
        writes
    }
}
