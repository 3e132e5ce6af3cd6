//! A topological order of groups that is kept while groups are joined, so that a join that would make a cycle is found
//! without a search of the whole graph.
//!
//! Groups may be joined if no path leads from one to the other by way of a third. A path only climbs in rank, so it lies
//! between their ranks; the search goes from both ends until they meet, and is not needed where one of them has no
//! neighbour there. From a value of the forward pass to its reader in the reverse pass the ends meet soon: the next value is
//! read there too.
//!
//! D. J. Pearce, P. H. J. Kelly: A dynamic topological sort algorithm for directed acyclic graphs (2007), adapted from
//! new edges to joins.

use super::groups::{GroupId, Groups};

/// Ranks, and the scratch of the search.
#[derive(Default)]
pub(super) struct Ranks {
    /// Everything a group reads has a smaller rank than the group.
    rank: Vec<usize>,
    /// In which search, and from which end, a group was seen last.
    seen: Vec<(usize, End)>,
    search: usize,
    /// Groups found in all searches.
    #[cfg(test)]
    visits: usize,
}

/// Where a search begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// At the group of lower rank, towards readers.
    Low,
    /// At the group of higher rank, towards operands.
    High,
}

/// A search from one end.
struct Front {
    end: End,
    /// Where it begins.
    from: GroupId,
    /// What it must not meet.
    goal: GroupId,
    /// Groups it has found, between the two ranks.
    found: Vec<GroupId>,
    /// How many of them it has gone on from.
    visited: usize,
}

impl Ranks {
    /// Of groups that come after what they read.
    pub(super) fn new(groups: &Groups) -> Self {
        let count = groups.groups.len();
        Self {
            rank: (0..count).collect(),
            seen: vec![(0, End::Low); count],
            search: 0,
            #[cfg(test)]
            visits: 0,
        }
    }

    /// Makes room for `a` and `b` as one group, `keep`, if no path leads from one to the other by way of a third group;
    /// returns whether it did.
    pub(super) fn join(&mut self, groups: &Groups, a: GroupId, b: GroupId, keep: GroupId) -> bool {
        let (low, high) = if self.rank[a] < self.rank[b] { (a, b) } else { (b, a) };
        let Some([after, before]) = self.between(groups, low, high) else {
            return false;
        };
        self.rank[keep] = match (after.is_empty(), before.is_empty()) {
            (true, _) => self.rank[high],
            (_, true) => self.rank[low],
            _ => self.reorder(low, high, after, before),
        };
        true
    }

    /// Groups between two that are reached from `low`, and those that reach `high`; `None` if there is one that is both.
    /// If one of the lists is empty, the other one may be incomplete.
    fn between(&mut self, groups: &Groups, low: GroupId, high: GroupId) -> Option<[Vec<GroupId>; 2]> {
        self.search += 1;
        let mut fronts = [(End::Low, low, high), (End::High, high, low)].map(|(end, from, goal)| Front {
            end,
            from,
            goal,
            found: Vec::new(),
            visited: 0,
        });
        for front in &mut fronts {
            self.visit(groups, front, front.from)?;
        }
        let is_cut = fronts.iter().any(|front| front.found.is_empty());
        while !is_cut && fronts.iter().any(|front| front.visited < front.found.len()) {
            for front in &mut fronts {
                if let Some(&group) = front.found.get(front.visited) {
                    front.visited += 1;
                    self.visit(groups, front, group)?;
                }
            }
        }
        Some(fronts.map(|front| front.found))
    }

    /// Adds the neighbours of a group to a search; `None` if there is a path.
    fn visit(&mut self, groups: &Groups, front: &mut Front, group: GroupId) -> Option<()> {
        let start = group == front.from;
        match front.end {
            End::Low => groups.next(group).try_for_each(|next| self.meet(front, next, start)),
            End::High => groups.before(group).try_for_each(|next| self.meet(front, next, start)),
        }
    }

    fn meet(&mut self, front: &mut Front, group: GroupId, is_direct: bool) -> Option<()> {
        if group == front.goal {
            return is_direct.then_some(());
        }
        let (rank, goal) = (self.rank[group], self.rank[front.goal]);
        let is_between = if front.end == End::Low {
            rank < goal
        } else {
            rank > goal
        };
        let mark = (self.search, front.end);
        if !is_between || self.seen[group] == mark {
            return Some(());
        }
        // The other end has found it before.
        if self.seen[group].0 == self.search {
            return None;
        }
        self.seen[group] = mark;
        front.found.push(group);
        #[cfg(test)]
        {
            self.visits += 1;
        }
        Some(())
    }

    /// Gives the ranks of all these groups to `before`, the joined group, and `after`, in this order; returns the rank of
    /// the joined group.
    fn reorder(&mut self, low: GroupId, high: GroupId, mut after: Vec<GroupId>, mut before: Vec<GroupId>) -> usize {
        let by_rank = |group: &GroupId| self.rank[*group];
        before.sort_unstable_by_key(by_rank);
        after.sort_unstable_by_key(by_rank);
        let all = before.iter().chain(&after).chain([&low, &high]);
        let mut ranks: Vec<usize> = all.map(by_rank).collect();
        ranks.sort_unstable();
        before
            .iter()
            .zip(&ranks)
            .for_each(|(&group, &rank)| self.rank[group] = rank);
        let last = ranks[ranks.len() - after.len()..].iter();
        after
            .iter()
            .zip(last)
            .for_each(|(&group, &rank)| self.rank[group] = rank);
        ranks[before.len()]
    }
}

#[cfg(test)]
mod tests {
    use rosenblatt_tensor::rng::{Rng, Stream};
    use rosenblatt_tensor::{DType, Shape};

    use super::*;
    use crate::plan::compile::rewritten;
    use crate::plan::ir::Ir;
    use crate::plan::{Options, Signature};
    use crate::reverse::gradients;
    use crate::{Execution, Graph, Var};

    fn random(stream: &mut Stream) -> Groups {
        let graph = Graph::new(Execution::Static);
        let x = graph.input("x", DType::F32, Shape::SCALAR);
        let mut values = vec![x, x.exp()];
        for _ in 0..40 {
            let mut any = |values: &[Var<'_>]| values.len() - 1 - stream.below(values.len().min(12) as u64) as usize;
            let (a, b) = (any(&values), any(&values));
            values.push(values[a] + values[b]);
        }
        let mut ir = Ir::new(&graph, &[values[41]], &[], None);
        ir.materialise().unwrap();
        Groups::new(ir).unwrap()
    }

    /// Every path is tried.
    fn has_path(groups: &Groups, from: GroupId, to: GroupId) -> bool {
        let mut open: Vec<GroupId> = groups.next(from).filter(|&group| group != to).collect();
        let mut seen = vec![false; groups.groups.len()];
        while let Some(group) = open.pop() {
            if group == to {
                return true;
            }
            if !std::mem::replace(&mut seen[group], true) {
                open.extend(groups.next(group));
            }
        }
        false
    }

    #[test]
    fn groups_are_joined_exactly_if_no_path_leads_through_a_third() {
        let mut stream = Rng::new(3).stream();
        let mut counts = [0; 2];
        for _ in 0..200 {
            let mut groups = random(&mut stream);
            let count = groups.groups.len();
            for _ in 0..60 {
                let [a, b] = [(); 2].map(|()| stream.below(count as u64) as usize);
                if a == b || groups.groups[a].members.is_empty() || groups.groups[b].members.is_empty() {
                    continue;
                }
                let legal = !has_path(&groups, a, b) && !has_path(&groups, b, a);
                let joined = groups.join(a, b, false);
                // Long chains may be refused for their length.
                let short = groups.groups[a].members.len() + groups.groups[b].members.len() <= 10;
                assert!(joined == legal || !joined && !short);
                counts[usize::from(joined)] += 1;
                for group in 0..count {
                    let rank = |group: GroupId| groups.ranks.rank[group];
                    assert!(groups.next(group).all(|next| rank(group) < rank(next)));
                }
            }
        }
        assert!(counts.iter().all(|&count| count > 1000), "{counts:?}");
    }

    /// An unrolled recurrent network and its gradient: the reverse pass reads what the forward pass computed long before.
    #[test]
    fn searches_grow_with_the_number_of_nodes() {
        let visits = |steps: usize| {
            let graph = Graph::new(Execution::Static);
            let shape = |sizes: &[usize]| Shape::new(sizes).unwrap();
            let x = graph.input("x", DType::F32, shape(&[8, 8]));
            let w = graph.variable("w", DType::F32, shape(&[8, 8]));
            let (mut h, mut c) = (x, x);
            for _ in 0..steps {
                let z = h.matmul(w.matrix_transpose()) + x;
                c = z.sigmoid() * c + z.tanh();
                h = c.tanh() * z.sigmoid();
            }
            let loss = (h * h).sum_all();
            let signature = Signature {
                inputs: vec![x],
                outputs: gradients(loss, &[w]),
                ..Signature::default()
            };
            let groups = rewritten(&signature, &graph, &Options::default()).unwrap();
            assert!(groups.ranks.search > 5 * steps, "{}", groups.ranks.search);
            groups.ranks.visits
        };
        let (few, many) = (visits(25), visits(200));
        assert!(many <= 12 * few, "{few} groups visited for 25 steps, {many} for 200");
    }
}
