//! Which rows come next.

use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{Error, Result};

/// The rows of an epoch in random order, cut into batches.
///
/// The order depends on the seed and the epoch alone, so that training resumes in the middle of an epoch exactly
/// where it stopped. Every batch has `batch_size` rows but the last, which keeps what is left. Nothing is allocated
/// after `new`.
///
/// # Example
/// ```
/// use rosenblatt_data::Batches;
/// let mut batches = Batches::new(10, 4, 7)?;
/// batches.shuffle(3); // the epoch
/// let sizes: Vec<_> = batches.iter().map(<[u64]>::len).collect();
/// assert_eq!(sizes, [4, 4, 2]);
/// assert_eq!(batches.get(1), batches.iter().nth(1));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batches {
    order: Vec<u64>,
    batch_size: usize,
    seed: u64,
}

impl Batches {
    /// All rows in their own order, until [`Batches::shuffle`] is called.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if `batch_size` is 0.
    pub fn new(rows: usize, batch_size: usize, seed: u64) -> Result<Self> {
        if batch_size == 0 {
            return Err(Error::config("expected a batch size of at least 1, got 0"));
        }
        Ok(Self {
            order: (0..rows as u64).collect(),
            batch_size,
            seed,
        })
    }

    /// Puts the rows into the order of an epoch, whatever order they were in.
    pub fn shuffle(&mut self, epoch: u64) {
        Rng::new(self.seed)
            .purpose("shuffle")
            .at(epoch)
            .permutation(&mut self.order);
    }

    /// Number of batches, the short last one included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len().div_ceil(self.batch_size)
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Rows of the largest batch.
    #[must_use]
    pub fn full_size(&self) -> usize {
        self.batch_size.min(self.order.len())
    }

    /// Rows of the last batch.
    #[must_use]
    pub fn last_size(&self) -> usize {
        self.order.chunks(self.batch_size).next_back().map_or(0, <[u64]>::len)
    }

    /// The rows of a batch, if there is such a batch.
    #[must_use]
    pub fn get(&self, batch: usize) -> Option<&[u64]> {
        self.order.chunks(self.batch_size).nth(batch)
    }

    /// The batches in turn.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u64]> {
        self.order.chunks(self.batch_size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(rows: usize, seed: u64, epoch: u64) -> Vec<u64> {
        let mut batches = Batches::new(rows, 7, seed).unwrap();
        batches.shuffle(epoch);
        batches.iter().flatten().copied().collect()
    }

    #[test]
    fn every_row_once_and_the_order_depends_on_seed_and_epoch() {
        for rows in [0, 1, 2, 7, 8, 100] {
            let mut sorted = epoch(rows, 1, 0);
            sorted.sort_unstable();
            assert_eq!(sorted, (0..rows as u64).collect::<Vec<_>>());
        }
        assert_eq!(epoch(100, 1, 5), epoch(100, 1, 5));
        assert_ne!(epoch(100, 1, 5), epoch(100, 1, 6));
        assert_ne!(epoch(100, 1, 5), epoch(100, 2, 5));
    }

    #[test]
    fn an_epoch_does_not_depend_on_those_before() {
        let mut batches = Batches::new(50, 8, 3).unwrap();
        (0..4).for_each(|epoch| batches.shuffle(epoch));
        let all: Vec<u64> = batches.iter().flatten().copied().collect();
        assert_eq!(all, epoch(50, 3, 3));
    }

    #[test]
    fn sizes() {
        let sizes = |rows, size| {
            let batches = Batches::new(rows, size, 0).unwrap();
            (batches.len(), batches.full_size(), batches.last_size())
        };
        assert_eq!(sizes(0, 4), (0, 0, 0));
        assert_eq!(sizes(1, 4), (1, 1, 1));
        assert_eq!(sizes(8, 4), (2, 4, 4));
        assert_eq!(sizes(9, 4), (3, 4, 1));
        assert!(Batches::new(9, 0, 0).is_err());
        assert_eq!(Batches::new(9, 4, 0).unwrap().get(3), None);
    }

    #[test]
    fn every_place_is_equally_likely() {
        let mut seen = [[0u32; 5]; 5];
        for e in 0..10_000 {
            epoch(5, 9, e)
                .iter()
                .enumerate()
                .for_each(|(at, &row)| seen[at][row as usize] += 1);
        }
        // Binomial(10,000, 1/5): standard deviation 40.
        assert!(seen.iter().flatten().all(|&n| n.abs_diff(2000) < 200), "{seen:?}");
    }
}
