//! A queue of the groups that may come next.

use std::collections::BTreeSet;

use rosenblatt_tensor::machine::Split;
use rosenblatt_tensor::{Error, Result};

use super::groups::{GroupId, Groups};
use super::schedule::{Item, stays_apart};
use super::waits::{InPlace, Waits, checked};
use crate::NodeId;

/// Groups that wait for nothing, and what is known of the rest.
///
/// A phase is what lies between two barriers. When a group gets ready, all it reads is computed, so it is known then
/// whether it can join the phase or has to wait for the next one.
pub(super) struct Ready<'a> {
    groups: &'a Groups,
    waits: &'a Waits,
    splits: &'a [Split],
    /// Groups by their last member: of those that are ready the first one comes next.
    by_age: Vec<GroupId>,
    age: Vec<usize>,
    /// For how many others each group still waits.
    left: Vec<usize>,
    /// Groups that overwrite a variable: they wait for the check too.
    writers: BTreeSet<GroupId>,
    held: Vec<GroupId>,
    /// The node to check, until that is done.
    check: Option<NodeId>,
    phase: usize,
    /// The phase in which each group is computed; 0 before that.
    phase_of: Vec<usize>,
    /// Ages of groups that are ready in this phase, and of those that need a barrier.
    free: BTreeSet<usize>,
    blocked: BTreeSet<usize>,
}

impl<'a> Ready<'a> {
    pub(super) fn new(groups: &'a Groups, waits: &'a Waits, splits: &'a [Split], in_place: &InPlace) -> Self {
        let count = groups.groups.len();
        let mut by_age: Vec<GroupId> = (0..count).filter(|&g| !groups.groups[g].members.is_empty()).collect();
        by_age.sort_by_key(|&g| groups.groups[g].members.last().copied());
        let mut age = vec![usize::MAX; count];
        by_age.iter().enumerate().for_each(|(i, &group)| age[group] = i);
        Self {
            groups,
            waits,
            splits,
            by_age,
            age,
            left: waits.counts.clone(),
            writers: in_place.iter().filter_map(|(_, next)| groups.of[next]).collect(),
            held: Vec::new(),
            check: checked(groups),
            phase: 1,
            phase_of: vec![0; count],
            free: BTreeSet::new(),
            blocked: BTreeSet::new(),
        }
    }

    /// A list of everything, operands first, with as few changes of phase as a greedy choice finds.
    pub(super) fn order(mut self) -> Result<Vec<Item>> {
        let mut items = Vec::with_capacity(self.by_age.len() + 1);
        for i in 0..self.by_age.len() {
            if self.left[self.by_age[i]] == 0 {
                self.add(self.by_age[i]);
            }
        }
        items.extend(self.check_if_known());
        for _ in 0..self.by_age.len() {
            let group = self.pick()?;
            items.push(Item::Group(group));
            for &next in &self.waits.after[group] {
                self.left[next] -= 1;
                if self.left[next] == 0 {
                    self.add(next);
                }
            }
            items.extend(self.check_if_known());
        }
        Ok(items)
    }

    /// Takes in a group that waits for no other.
    fn add(&mut self, group: GroupId) {
        if self.check.is_some() && self.writers.contains(&group) {
            self.held.push(group);
        } else if self.last_phase_seen(group) == self.phase {
            self.blocked.insert(self.age[group]);
        } else {
            self.free.insert(self.age[group]);
        }
    }

    /// The last phase that computes something of which a group sees what another thread has computed.
    fn last_phase_seen(&self, group: GroupId) -> usize {
        let mut last = 0;
        for &id in &self.groups.groups[group].members {
            for (operand, edge) in self.groups.edges[id].iter().enumerate() {
                let Some(writer) = self.groups.of[edge.root].filter(|&writer| writer != group) else {
                    continue;
                };
                if !stays_apart(self.groups, self.splits, [writer, group], (id, operand)) {
                    last = last.max(self.phase_of[writer]);
                }
            }
        }
        last
    }

    /// The next group; if all that are ready need a barrier, the first one of the next phase.
    fn pick(&mut self) -> Result<GroupId> {
        if self.free.is_empty() {
            std::mem::swap(&mut self.free, &mut self.blocked);
            self.phase += 1;
        }
        let age = self.free.pop_first();
        let age = age.ok_or_else(|| Error::internal("groups that wait for each other"))?;
        self.phase_of[self.by_age[age]] = self.phase;
        Ok(self.by_age[age])
    }

    /// The check, as soon as its value is computed; then variables may be written.
    fn check_if_known(&mut self) -> Option<Item> {
        let is_computed = |root: &NodeId| self.groups.of[*root].is_none_or(|group| self.phase_of[group] > 0);
        let root = self.check.filter(is_computed)?;
        self.check = None;
        std::mem::take(&mut self.held)
            .into_iter()
            .for_each(|group| self.add(group));
        Some(Item::Check(root))
    }
}

#[cfg(test)]
mod tests {
    use rosenblatt_tensor::rng::{Rng, Stream};
    use rosenblatt_tensor::{DType, Shape};

    use super::*;
    use crate::plan::compile::rewritten;
    use crate::plan::schedule::schedule;
    use crate::plan::{Options, Signature};
    use crate::reverse::gradients;
    use crate::{Execution, Graph};

    /// A random program of products, sums and chains, some of its variables updated.
    fn random(stream: &mut Stream) -> Groups {
        let graph = Graph::new(Execution::Static);
        let shape = |sizes: &[usize]| Shape::new(sizes).unwrap();
        let x = graph.input("x", DType::F32, shape(&[128, 128]));
        let states = ["a", "b", "c"].map(|name| graph.variable(name, DType::F32, shape(&[128, 128])));
        let mut values = [vec![x], states.to_vec()].concat();
        for _ in 0..stream.below(20) {
            let mut any = || values[values.len() - 1 - stream.below(values.len().min(6) as u64) as usize];
            let (a, b) = (any(), any());
            values.push(match stream.below(6) {
                0 | 1 => a.matmul(b.matrix_transpose()),
                2 => a + b.sum(&[0], true),
                3 => a.softmax(),
                4 => a * b.matrix_transpose(),
                _ => a.tanh() + b,
            });
        }
        let loss = values[values.len() - 1].sum_all();
        let gradients = gradients(loss, &states);
        let updates = states
            .iter()
            .zip(gradients)
            .map(|(&state, gradient)| (state, state - 0.1 * gradient));
        let signature = Signature {
            inputs: vec![x],
            outputs: vec![values[values.len() / 2]],
            updates: updates.skip(stream.below(3) as usize).collect(),
            check: (stream.below(3) > 0).then_some(loss),
        };
        rewritten(&signature, &graph, &Options::default()).unwrap()
    }

    /// As the order is defined: every group and everything computed since the last barrier is looked at.
    fn defined(groups: &Groups, waits: &Waits, splits: &[Split], in_place: &InPlace) -> Vec<Item> {
        let mut left: Vec<GroupId> = (0..splits.len())
            .filter(|&g| !groups.groups[g].members.is_empty())
            .collect();
        left.sort_by_key(|&g| groups.groups[g].members.last().copied());
        let (mut check, mut items, mut fresh) = (checked(groups), Vec::new(), Vec::new());
        while !left.is_empty() || check.is_some() {
            if let Some(root) = check.filter(|&root| groups.of[root].is_none_or(|g| !left.contains(&g))) {
                items.push(Item::Check(root));
                check = None;
                continue;
            }
            let writes = |g: GroupId| in_place.iter().any(|(_, next)| groups.of[next] == Some(g));
            let waiting = |g: GroupId| left.iter().any(|&first| waits.after[first].contains(&g));
            let ready = |g: GroupId| !waiting(g) && (check.is_none() || !writes(g));
            let apart = |writer: GroupId, g: GroupId| {
                groups.groups[g].members.iter().all(|&id| {
                    let mut edges = groups.edges[id].iter().enumerate();
                    edges.all(|(operand, edge)| {
                        groups.of[edge.root] != Some(writer) || stays_apart(groups, splits, [writer, g], (id, operand))
                    })
                })
            };
            let free = |g: GroupId| fresh.iter().all(|&writer| apart(writer, g));
            let first = left.iter().copied().find(|&g| ready(g) && free(g));
            let group = first.or_else(|| left.iter().copied().find(|&g| ready(g))).unwrap();
            if !free(group) {
                fresh.clear();
            }
            fresh.push(group);
            left.retain(|&g| g != group);
            items.push(Item::Group(group));
        }
        items
    }

    #[test]
    fn the_queue_gives_the_order_as_it_is_defined() {
        let mut stream = Rng::new(2).stream();
        for round in 0..150 {
            let groups = random(&mut stream);
            let schedule = schedule(&groups, 1 + round % 3).unwrap();
            let mut waits = Waits::new(&groups);
            for (variable, next) in schedule.in_place.iter() {
                let readers = waits.overwritable(&groups, variable, next).unwrap();
                readers
                    .into_iter()
                    .for_each(|reader| waits.add(reader, groups.of[next].unwrap()));
            }
            let want = defined(&groups, &waits, &schedule.splits, &schedule.in_place);
            assert_eq!(schedule.items[..want.len()], want);
        }
    }
}
