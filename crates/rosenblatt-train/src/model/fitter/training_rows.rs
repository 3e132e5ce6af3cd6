//! Errors on the rows that are learned from.

use rosenblatt_tensor::Result;

use super::{EVAL_BATCH, Fitter, batches_of, losses_of};
use crate::model::history::RunningMetrics;
use crate::model::step_kind::StepKind;
use crate::model::weights::RowWeights;

impl Fitter<'_> {
    /// How many training rows are misclassified with the parameters of this moment.
    ///
    /// # Errors
    /// Rows cannot be read.
    pub(crate) fn misclassified(&mut self) -> Result<u64> {
        for rows in batches_of(self.source.len(), EVAL_BATCH) {
            self.runner.prepare((StepKind::Evaluate, rows))?;
        }
        let wrong = |sums: RunningMetrics| libm::round(sums.rows - sums.score) as u64;
        if let Some((data, weights)) = self.lent.take() {
            let sums = losses_of(&mut self.runner, &data, &weights, EVAL_BATCH);
            self.lent = Some((data, weights));
            return sums.map(wrong);
        }
        let (mut misclassified, all) = (0, self.source.len() as u64);
        for start in (0..all).step_by(EVAL_BATCH) {
            let rows: Vec<u64> = (start..all.min(start + EVAL_BATCH as u64)).collect();
            let data = self.builder().prepared(&self.source.rows(&rows)?)?;
            self.check(&data)?;
            let (dtype, weighting) = (self.builder().dtype, self.builder().weighting);
            let weights = RowWeights::of_batch(weighting, &data, self.classes.as_deref(), dtype)?;
            misclassified += wrong(losses_of(&mut self.runner, &data, &weights, EVAL_BATCH)?);
        }
        Ok(misclassified)
    }
}
