//! Where threads must wait for each other.

use std::collections::BTreeMap;

use super::access::{Access, Region};

/// What each thread has touched since the last barrier.
pub(super) struct History {
    threads: Vec<Touched>,
}

/// What one thread has touched.
#[derive(Default)]
struct Touched {
    reads: Index,
    writes: Index,
}

/// Accesses by place, so that few of many are looked at.
///
/// An access of at most `2^level` bytes is in the cell of that size in which it starts, so it ends in the next one.
#[derive(Default)]
struct Index {
    cells: BTreeMap<(Region, u32, usize), Vec<Access>>,
    /// Bit `level` is set if there are accesses of that level.
    levels: u64,
}

impl History {
    pub(super) fn new(threads: usize) -> Self {
        Self {
            threads: (0..threads).map(|_| Touched::default()).collect(),
        }
    }

    /// Adds what the threads touch in the next task; returns whether it needs a barrier before it.
    ///
    /// # Errors
    /// Two threads would meet within the task: these two.
    pub(super) fn add(&mut self, now: &[Vec<Access>]) -> Result<bool, [usize; 2]> {
        let meets = |t: usize, u: usize| now[t].iter().any(|a| now[u].iter().any(|b| a.conflicts(b)));
        let pairs = || (0..now.len()).flat_map(|t| (0..now.len()).filter(move |&u| u != t).map(move |u| (t, u)));
        if let Some((t, u)) = pairs().find(|&(t, u)| t < u && meets(t, u)) {
            return Err([t, u]);
        }
        let barrier = pairs().any(|(t, u)| now[u].iter().any(|access| self.threads[t].conflicts(access)));
        if barrier {
            *self = Self::new(self.threads.len());
        }
        if now.len() > 1 {
            self.threads
                .iter_mut()
                .zip(now)
                .for_each(|(thread, now)| thread.add(now));
        }
        Ok(barrier)
    }
}

impl Touched {
    /// What no other thread writes needs no place here.
    fn add(&mut self, accesses: &[Access]) {
        let alone = |access: &&Access| matches!(access.region, Region::ReadOnly | Region::Private(_));
        for access in accesses.iter().filter(|access| !alone(access)) {
            let index = if access.writes {
                &mut self.writes
            } else {
                &mut self.reads
            };
            index.add(*access);
        }
    }

    fn conflicts(&self, access: &Access) -> bool {
        self.writes.conflicts(access) || access.writes && self.reads.conflicts(access)
    }
}

impl Index {
    fn add(&mut self, access: Access) {
        let level = (access.end - access.start).max(1).next_power_of_two().trailing_zeros();
        let cell = (access.region, level, access.start >> level);
        self.levels |= 1 << level;
        let known = self.cells.entry(cell).or_default();
        if !known.contains(&access) {
            known.push(access);
        }
    }

    fn conflicts(&self, access: &Access) -> bool {
        let mut levels = (0..u64::BITS).filter(|level| self.levels >> level & 1 == 1);
        levels.any(|level| {
            let (first, last) = (access.start >> level, access.end.saturating_sub(1) >> level);
            let cells = (access.region, level, first.saturating_sub(1))..=(access.region, level, last.max(first));
            let accesses = self.cells.range(cells).flat_map(|(_, accesses)| accesses);
            accesses.into_iter().any(|other| other.conflicts(access))
        })
    }
}
