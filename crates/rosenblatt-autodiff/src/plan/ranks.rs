//! A topological order of groups that is kept while groups are joined, so that a join that would make a cycle is found
//! without a search of the whole graph.
//!
//! Groups may be joined if no path leads from one to the other by way of a third. A path only climbs in rank, so it lies
//! between their ranks; the search goes from both ends until they meet, and is not needed where one of them has no
//! neighbor there. From a value of the forward pass to its reader in the reverse pass the ends meet soon: the next value is
//! read there too.
//!
//! D. J. Pearce, P. H. J. Kelly: A dynamic topological sort algorithm for directed acyclic graphs (2007), adapted from
//! new edges to joins.

/// A graph of groups, which are joined one pair after the other.
pub(super) trait Neighbors {
    /// Other groups that read what a group computes.
    fn next(&self, group: usize) -> impl Iterator<Item = usize>;

    /// Other groups that compute what a group reads.
    fn before(&self, group: usize) -> impl Iterator<Item = usize>;
}

/// Ranks, and the scratch of the search.
#[derive(Default)]
pub(super) struct Ranks {
    /// Everything a group reads has a smaller rank than the group.
    pub(super) rank: Vec<usize>,
    /// In which search, and from which end, a group was seen last.
    seen: Vec<(usize, End)>,
    search: usize,
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
    from: usize,
    /// What it must not meet.
    target_kind: usize,
    /// Groups it has found, between the two ranks.
    found: Vec<usize>,
    /// How many of them it has gone on from.
    visited: usize,
}

impl Ranks {
    /// Of `count` groups, each of which comes after what it reads.
    pub(super) fn new(count: usize) -> Self {
        Self {
            rank: (0..count).collect(),
            seen: vec![(0, End::Low); count],
            search: 0,
        }
    }

    /// Makes room for `a` and `b` as one group, `keep`, if no path leads from one to the other by way of a third group;
    /// returns whether it did.
    pub(super) fn join(&mut self, groups: &impl Neighbors, a: usize, b: usize, keep: usize) -> bool {
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
    fn between(&mut self, groups: &impl Neighbors, low: usize, high: usize) -> Option<[Vec<usize>; 2]> {
        self.search += 1;
        let mut fronts = [(End::Low, low, high), (End::High, high, low)].map(|(end, from, target_kind)| Front {
            end,
            from,
            target_kind,
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

    /// Adds the neighbors of a group to a search; `None` if there is a path.
    fn visit(&mut self, groups: &impl Neighbors, front: &mut Front, group: usize) -> Option<()> {
        let start = group == front.from;
        match front.end {
            End::Low => groups.next(group).try_for_each(|next| self.meet(front, next, start)),
            End::High => groups.before(group).try_for_each(|next| self.meet(front, next, start)),
        }
    }

    fn meet(&mut self, front: &mut Front, group: usize, is_direct: bool) -> Option<()> {
        if group == front.target_kind {
            return is_direct.then_some(());
        }
        let (rank, target_kind) = (self.rank[group], self.rank[front.target_kind]);
        let is_between = if front.end == End::Low {
            rank < target_kind
        } else {
            rank > target_kind
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
        Some(())
    }

    /// Gives the ranks of all these groups to `before`, the joined group, and `after`, in this order; returns the rank of
    /// the joined group.
    fn reorder(&mut self, low: usize, high: usize, mut after: Vec<usize>, mut before: Vec<usize>) -> usize {
        let by_rank = |group: &usize| self.rank[*group];
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
