//! Which batches of a run are one step of the optimizer.

/// Groups of batches, each within an epoch: the last one of an epoch has what is left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accumulation {
    /// Batches of a step, at least 1.
    batches: u64,
    /// Batches of an epoch, at least 1.
    epoch: u64,
    /// Weight of the rows whose gradients are accumulated.
    pub(crate) weight: f64,
}

/// Where a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Batches of the run before it.
    pub(crate) batch: u64,
    /// Steps of the optimizer before its own.
    pub(crate) step: u64,
    /// Whether its step begins with it.
    pub(crate) first: bool,
    /// Whether the optimizer takes its step after it.
    pub(crate) last: bool,
}

impl Accumulation {
    pub(crate) fn new(batches: usize, epoch: usize) -> Self {
        Self {
            batches: batches.max(1) as u64,
            epoch: epoch.max(1) as u64,
            weight: 0.0,
        }
    }

    /// Where the batch of this number is, counted from 0.
    pub(crate) fn place(&self, batch: u64) -> Place {
        let (epoch, of_epoch) = (batch / self.epoch, batch % self.epoch);
        Place {
            batch,
            step: epoch * self.epoch.div_ceil(self.batches) + of_epoch / self.batches,
            first: of_epoch.is_multiple_of(self.batches),
            last: (of_epoch + 1).is_multiple_of(self.batches) || of_epoch + 1 == self.epoch,
        }
    }

    /// Steps of the optimizer in so many epochs.
    pub(crate) fn steps(&self, epochs: u64) -> u64 {
        self.epoch.div_ceil(self.batches).saturating_mul(epochs)
    }

    /// How much of the gradient of its step so far stays when a batch of rows of this weight comes, and how much the batch adds:
    /// of a mean over rows `[1 − w/W, w/W]`, of a `sum` all of both.
    pub(crate) fn shares(&mut self, place: Place, weight: f64, sum: bool) -> [f64; 2] {
        let before = if place.first { 0.0 } else { self.weight };
        let all = before + weight;
        self.weight = if place.last { 0.0 } else { all };
        if sum {
            return [if place.first { 0.0 } else { 1.0 }, 1.0];
        }
        // Rows that count nothing have no gradient, so that nothing of them is to stay.
        let share = if all > 0.0 { weight / all } else { 1.0 };
        [1.0 - share, share]
    }
}
