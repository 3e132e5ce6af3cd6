//! What is known of a run that keeps the weights with the fewest errors.

use rosenblatt_tensor::{Error, Result};
use serde::Serialize;

use super::network_step::NetworkStep;
use super::{History, Record};
use crate::model::history::Score;

/// The name of the number of training rows that are misclassified after an epoch, among the metrics of training.
pub(crate) const MISCLASSIFIED: &str = "misclassified";

/// What a run with [`super::Fit::pocket`] has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PocketResult {
    /// Whether no training row is misclassified.
    pub separated: bool,
    /// Misclassified rows as they were met: with batches of one row and the loss `perceptron`, the number of updates.
    pub mistakes: u64,
    /// Passes over the training rows.
    pub epochs: usize,
    /// Training rows that the weights which were kept misclassify.
    pub misclassified: u64,
}

impl History {
    /// What the pocket has kept; `None` for a run without one. `rows` is the number of training rows.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if the records of a long run cannot be read.
    pub fn pocket(&self, rows: usize) -> Result<Option<PocketResult>> {
        let mut found: Option<PocketResult> = None;
        self.for_each_epoch(&mut |record| {
            if let Some((mistakes, misclassified)) = counts(record, rows) {
                let so_far = found.take();
                found = Some(PocketResult {
                    separated: misclassified == 0,
                    mistakes: so_far.map_or(0, |before| before.mistakes) + mistakes,
                    epochs: record.epoch,
                    misclassified: so_far.map_or(misclassified, |before| before.misclassified.min(misclassified)),
                });
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// Misclassified rows of the training pass, and after it.
fn counts(record: &Record, rows: usize) -> Option<(u64, u64)> {
    let after = record.train.get(MISCLASSIFIED)?;
    let share = 1.0 - record.train.get(Score::Accuracy.name())?;
    Some((libm::round(share * rows as f64) as u64, after as u64))
}

/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if there are no rows to count.
pub(super) fn check_pocket(step: &NetworkStep) -> Result<()> {
    let refused = |message| Err(Error::config(message).within("pocket"));
    if step.score != Some(Score::Accuracy) {
        return refused("the pocket counts misclassified rows: it needs one output of classes");
    }
    if step.weighting.score {
        return refused("the pocket counts misclassified rows, and these have sample weights");
    }
    Ok(())
}
