//! Values that never live at the same time share memory.

use std::collections::BTreeMap;

/// When a value is in use, in phases between barriers, and how large it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetime {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) bytes: usize,
}

/// Byte offsets such that values in use at the same time do not overlap: the lowest free place, largest values first.
///
/// Lifetimes are counted in phases, not tasks: threads inside one phase are not ordered, so sharing within a phase
/// would need another barrier.
pub(super) fn place(values: &[Lifetime]) -> Vec<usize> {
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
