//! Which batches of a run are one step of the optimizer.

/// Groups of batches, each within an epoch: the last one of an epoch has what is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accumulation {
    /// Batches of a step, at least 1.
    batches: u64,
    /// Batches of an epoch, at least 1.
    epoch: u64,
    /// Weight of the rows whose gradients are accumulated.
    pub(super) weight: f64,
}

/// Where a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Batches of the run before it.
    pub(super) batch: u64,
    /// Steps of the optimizer before its own.
    pub(super) step: u64,
    /// Whether its step begins with it.
    first: bool,
    /// Whether the optimizer takes its step after it.
    pub(super) last: bool,
}

impl Accumulation {
    pub(super) fn new(batches: usize, epoch: usize) -> Self {
        Self {
            batches: batches.max(1) as u64,
            epoch: epoch.max(1) as u64,
            weight: 0.0,
        }
    }

    /// Where the batch of this number is, counted from 0.
    pub(super) fn place(&self, batch: u64) -> Place {
        let (epoch, of_epoch) = (batch / self.epoch, batch % self.epoch);
        Place {
            batch,
            step: epoch * self.epoch.div_ceil(self.batches) + of_epoch / self.batches,
            first: of_epoch.is_multiple_of(self.batches),
            last: (of_epoch + 1).is_multiple_of(self.batches) || of_epoch + 1 == self.epoch,
        }
    }

    /// Steps of the optimizer in so many epochs.
    pub(super) fn steps(&self, epochs: u64) -> u64 {
        self.epoch.div_ceil(self.batches).saturating_mul(epochs)
    }

    /// How much of the mean gradient of its step so far stays when a batch of rows of this weight comes, and how much the batch
    /// adds: `[1 − w/W, w/W]`.
    pub(super) fn shares(&mut self, place: Place, weight: f64) -> [f64; 2] {
        let before = if place.first { 0.0 } else { self.weight };
        let all = before + weight;
        self.weight = if place.last { 0.0 } else { all };
        // Rows that count nothing have no gradient, so that nothing of them is to stay.
        let share = if all > 0.0 { weight / all } else { 1.0 };
        [1.0 - share, share]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_end_with_the_epoch() {
        let accumulation = Accumulation::new(3, 7);
        let places: Vec<_> = (0..9).map(|batch| accumulation.place(batch)).collect();
        assert_eq!(
            places.iter().map(|place| place.step).collect::<Vec<_>>(),
            [0, 0, 0, 1, 1, 1, 2, 3, 3]
        );
        let ends = |is: fn(&Place) -> bool| (0..9).filter(|&batch| is(&places[batch])).collect::<Vec<_>>();
        assert_eq!(ends(|place| place.first), [0, 3, 6, 7]);
        assert_eq!(ends(|place| place.last), [2, 5, 6]);
        assert_eq!(accumulation.steps(2), 6);
        assert_eq!(Accumulation::new(100, 7).steps(2), 2);
    }

    #[test]
    fn every_batch_has_its_share_of_the_weight() {
        let mut accumulation = Accumulation::new(3, 3);
        let weights = [1.0, 3.0, 4.0];
        let shares = [0, 1, 2].map(|batch| accumulation.shares(accumulation.place(batch), weights[batch as usize]));
        assert_eq!(shares, [[0.0, 1.0], [0.25, 0.75], [0.5, 0.5]]);
        assert_eq!(accumulation.weight, 0.0);
        // Rows without weight, then some with.
        let shares = [3, 4, 5].map(|batch| accumulation.shares(accumulation.place(batch), f64::from(batch as u32 % 3)));
        assert_eq!(
            shares,
            [[0.0, 1.0], [0.0, 1.0], [1.0 / 3.0, 2.0 / 3.0]].map(|[_, share]| [1.0 - share, share])
        );
    }
}
