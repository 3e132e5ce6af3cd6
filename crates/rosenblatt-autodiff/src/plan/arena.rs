//! Values that never live at the same time share memory.

use std::collections::BTreeMap;

/// When a value is in use, in phases between barriers, and how large it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    pub(crate) first: usize,
    pub(crate) last: usize,
    pub(crate) bytes: usize,
}

/// Byte offsets such that values in use at the same time do not overlap: the lowest free place, largest values first.
///
/// Lifetimes are counted in phases, not tasks: threads inside one phase are not ordered, so sharing within a phase
/// would need another barrier.
pub(crate) fn place(values: &[Lifetime]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(values[i].bytes), i));
    let mut taken = Taken::new(values.iter().map(|value| value.last + 1).max().unwrap_or(0));
    let mut offsets = vec![0; values.len()];
    for i in order {
        offsets[i] = taken.place(&values[i]);
    }
    offsets
}

/// Bytes taken in each phase: a segment tree over the phases.
///
/// Of two values that meet, one begins while the other lives: either what lives at the first phase of a value was there
/// before, or it begins inside its lifetime.
struct Taken {
    /// Number of leaves, a power of two; node 1 is the root, the children of `n` are `2n` and `2n + 1`.
    leaves: usize,
    /// For each node, bytes of values that live through all of its phases, but not through all of its parent's.
    through: Vec<Runs>,
    /// For each node, bytes of values that begin in one of its phases.
    begun: Vec<Runs>,
}

impl Taken {
    fn new(phases: usize) -> Self {
        let leaves = phases.next_power_of_two();
        Self {
            leaves,
            through: vec![Runs::default(); 2 * leaves],
            begun: vec![Runs::default(); 2 * leaves],
        }
    }

    /// Takes the lowest place that is free as long as the value lives.
    fn place(&mut self, value: &Lifetime) -> usize {
        let size = value.bytes.next_multiple_of(64);
        let inside = self.inside(value);
        let leaf = value.first + self.leaves;
        let first = || (0..usize::BITS).map(|level| leaf >> level).take_while(|&node| node > 0);
        let begun = || inside.iter().map(|&node| &self.begun[node]);
        let sets = || first().map(|node| &self.through[node]).chain(begun());
        let mut at = 0;
        while let Some(end) = sets().find_map(|runs| runs.end_of_last(at, at + size)) {
            at = end;
        }
        if size > 0 {
            inside.iter().for_each(|&node| self.through[node].add(at, at + size));
            first().for_each(|node| self.begun[node].add(at, at + size));
        }
        at
    }

    /// The fewest nodes that make up a lifetime.
    fn inside(&self, value: &Lifetime) -> Vec<usize> {
        let (mut low, mut high) = (value.first + self.leaves, value.last + self.leaves + 1);
        let mut nodes = Vec::new();
        while low < high {
            if low % 2 == 1 {
                nodes.push(low);
                low += 1;
            }
            if high % 2 == 1 {
                high -= 1;
                nodes.push(high);
            }
            (low, high) = (low / 2, high / 2);
        }
        nodes
    }
}

/// Ranges of bytes, as few as possible: `end` by `start`.
#[derive(Clone, Default)]
struct Runs(BTreeMap<usize, usize>);

impl Runs {
    fn add(&mut self, mut start: usize, mut end: usize) {
        while let Some((&first, &last)) = self.0.range(..=end).next_back().filter(|(_, last)| **last >= start) {
            self.0.remove(&first);
            (start, end) = (start.min(first), end.max(last));
        }
        self.0.insert(start, end);
    }

    /// The end of the last run with bytes of `start..end`.
    fn end_of_last(&self, start: usize, end: usize) -> Option<usize> {
        let (_, &last) = self.0.range(..end).next_back()?;
        (last > start).then_some(last)
    }
}

#[cfg(test)]
mod tests {
    use rosenblatt_tensor::rng::Rng;

    use super::*;

    #[test]
    fn values_share_memory_only_if_they_never_meet() {
        let values: Vec<Lifetime> = (0..60)
            .map(|i| Lifetime {
                first: i % 7,
                last: i % 7 + i % 4,
                bytes: 1 + (i * 37) % 500,
            })
            .collect();
        let at = place(&values);
        for i in 0..values.len() {
            for j in 0..i {
                let meet = values[i].first <= values[j].last && values[j].first <= values[i].last;
                let overlap = at[i] < at[j] + values[j].bytes && at[j] < at[i] + values[i].bytes;
                assert!(!(meet && overlap), "{i} and {j}");
            }
        }
        let at_once = |phase| {
            values
                .iter()
                .filter(|v| v.first <= phase && phase <= v.last)
                .map(|v| v.bytes.next_multiple_of(64))
                .sum::<usize>()
        };
        let peak = (0..12).map(at_once).max().unwrap();
        let used = values.iter().zip(&at).map(|(v, at)| at + v.bytes).max().unwrap();
        assert!(
            used <= peak * 5 / 4,
            "{used} bytes, though never more than {peak} are in use"
        );
    }

    /// Against trying each place from the lowest on.
    #[test]
    fn each_value_gets_the_lowest_free_place() {
        let mut stream = Rng::new(1).stream();
        for round in 0..200 {
            let mut below = |n: u64| stream.below(n) as usize;
            let value = |_| {
                let (a, b) = (below(30), below(30));
                let bytes = [0, 1, 64, 100, 320][below(5)];
                let (first, last) = (a.min(b), a.max(b));
                Lifetime { first, last, bytes }
            };
            let values: Vec<Lifetime> = (0..round).map(value).collect();
            let offsets = place(&values);
            let mut order: Vec<usize> = (0..values.len()).collect();
            order.sort_by_key(|&i| (std::cmp::Reverse(values[i].bytes), i));
            for (rank, &i) in order.iter().enumerate() {
                let size = |i: usize| values[i].bytes.next_multiple_of(64);
                let is_free = |at: usize| {
                    order[..rank].iter().all(|&j| {
                        let apart = values[i].last < values[j].first || values[j].last < values[i].first;
                        apart || at + size(i) <= offsets[j] || offsets[j] + size(j) <= at
                    })
                };
                assert_eq!((0..).step_by(64).find(|&at| is_free(at)), Some(offsets[i]));
            }
        }
    }
}
