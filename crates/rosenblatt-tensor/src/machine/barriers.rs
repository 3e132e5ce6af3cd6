//! Where threads must wait for each other.

use std::collections::BTreeMap;

use super::access::{Access, Region};
use crate::{Error, Result};

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
    /// Threads would meet within the task.
    pub(super) fn add(&mut self, now: &[Vec<Access>]) -> Result<bool> {
        let meets = |t: usize, u: usize| now[t].iter().any(|a| now[u].iter().any(|b| a.conflicts(b)));
        let pairs = || (0..now.len()).flat_map(|t| (0..now.len()).filter(move |&u| u != t).map(move |u| (t, u)));
        if let Some((t, u)) = pairs().find(|&(t, u)| t < u && meets(t, u)) {
            return Err(Error::internal(format!(
                "shares of one task touch the same memory on threads {t} and {u}"
            )));
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Against comparing with every earlier access.
    #[test]
    fn a_barrier_is_put_where_any_two_accesses_conflict() {
        let mut seed = 7u64;
        let mut next = |n: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((seed >> 33) % n) as usize
        };
        let regions = [Region::Arena, Region::Bools, Region::Variable(0), Region::Variable(1)];
        let mut history = History::new(3);
        let mut every: Vec<Vec<Access>> = vec![Vec::new(); 3];
        let mut counts = [0; 3];
        for _ in 0..20_000 {
            let now: Vec<Vec<Access>> = (0..3)
                .map(|_| {
                    let mut access = || {
                        let axes = [(1 + next(3), [1, 5, 40, 600][next(4)]), (1 + next(5), 1)];
                        let region = regions[next(4)];
                        Access::new(region, next(40) * 64, 0, &axes, 4, next(8) == 0).unwrap()
                    };
                    (0..2).map(|_| access()).collect()
                })
                .collect();
            let meet = |old: &[Vec<Access>]| {
                let mut pairs = (0..3).flat_map(|t| (0..3).map(move |u| (t, u))).filter(|(t, u)| t != u);
                let conflict = |(t, u): (usize, usize)| old[t].iter().any(|a| now[u].iter().any(|b| a.conflicts(b)));
                pairs.any(conflict)
            };
            if meet(&now) {
                counts[0] += 1;
                assert!(history.add(&now).is_err());
                continue;
            }
            let barrier = meet(&every);
            counts[1 + usize::from(barrier)] += 1;
            assert_eq!(history.add(&now).unwrap(), barrier);
            if barrier {
                every.iter_mut().for_each(Vec::clear);
            }
            every.iter_mut().zip(now).for_each(|(old, new)| old.extend(new));
        }
        assert!(counts.iter().all(|&count| count > 500), "{counts:?}");
    }
}
