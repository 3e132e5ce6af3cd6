//! The records of a run's epochs, of which a long run keeps a part.

use std::ops::Deref;

use super::history::Record;

/// The records of a run: of all epochs up to 10,000, and of a longer run of the first, every k-th after it, the best and
/// the newest, where k is the smallest power of two that leaves at most 10,000. Ascending.
#[derive(Clone, Debug, PartialEq)]
pub struct Records {
    kept: Vec<Record>,
    every: usize,
    /// The last best epoch.
    best: Option<usize>,
}

impl Default for Records {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            every: 1,
            best: None,
        }
    }
}

impl Records {
    /// How many are kept at most.
    pub const MAX: usize = 10_000;

    /// Adds the record of the next epoch; `best` is the best epoch so far, if there is one.
    pub fn push(&mut self, record: Record, best: Option<usize>) {
        let before = self.best.filter(|_| self.best != best);
        self.best = best;
        for epoch in [self.kept.last().map(|last| last.epoch), before].into_iter().flatten() {
            if !self.stays(epoch)
                && let Ok(place) = self.kept.binary_search_by_key(&epoch, |record| record.epoch)
            {
                self.kept.remove(place);
            }
        }
        // The best and the newest may lie between.
        let every = record.epoch.div_ceil(Self::MAX - 2).next_power_of_two();
        self.kept.push(record);
        if every > self.every {
            self.every = every;
            let newest = self.kept.len() - 1;
            let kept = std::mem::take(&mut self.kept).into_iter().enumerate();
            let kept = kept.filter(|(place, record)| *place == newest || self.stays(record.epoch));
            self.kept = kept.map(|(_, record)| record).collect();
        }
    }

    /// The k of which every k-th epoch is kept; 1 if all are.
    #[must_use]
    pub fn every(&self) -> usize {
        self.every
    }

    fn stays(&self, epoch: usize) -> bool {
        (epoch - 1).is_multiple_of(self.every) || self.best == Some(epoch)
    }
}

impl Deref for Records {
    type Target = [Record];

    fn deref(&self) -> &[Record] {
        &self.kept
    }
}

impl From<Records> for Vec<Record> {
    fn from(records: Records) -> Self {
        records.kept
    }
}
