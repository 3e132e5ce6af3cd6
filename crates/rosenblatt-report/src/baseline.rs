//! What can be predicted without any feature.

use rosenblatt_data::Dataset;
use rosenblatt_nn::metrics::{Running, Targets};
use rosenblatt_nn::{Metric, TargetKind};
use rosenblatt_tensor::{Error, Result, Tensor};

use crate::evaluation::targets;

/// Rows that are measured at once.
const EVAL_BATCH: usize = 256;

/// Outputs that do not depend on the features: the logarithms of the class frequencies, or the mean of the targets.
pub(crate) struct Baseline(Vec<f64>);

impl Baseline {
    pub(crate) fn of(rows: &Dataset, target_kind: TargetKind) -> Result<Self> {
        let targets = targets(rows)?;
        let weights = rows.weights().map_or_else(|| vec![1.0; rows.len()], Tensor::to_f64);
        let total: f64 = weights.iter().sum();
        Ok(Self(match target_kind {
            TargetKind::Classes(classes) => {
                let mut sums = vec![0.0; classes];
                for (class, weight) in targets.to_vec::<i64>()?.into_iter().zip(weights) {
                    let sum = usize::try_from(class).ok().and_then(|class| sums.get_mut(class));
                    let invalid = || Error::data(format!("class {class}, but the model has {classes} classes"));
                    *sum.ok_or_else(invalid)? += weight;
                }
                sums.into_iter().map(|sum| libm::log(sum / total)).collect()
            }
            TargetKind::Values(_) => {
                let weighted = targets
                    .to_f64()
                    .into_iter()
                    .zip(weights)
                    .map(|(target, weight)| target * weight);
                vec![weighted.sum::<f64>() / total]
            }
        }))
    }

    /// The most frequent class.
    pub(crate) fn most_frequent(&self) -> usize {
        (0..self.0.len()).fold(0, |best, i| if self.0[i] > self.0[best] { i } else { best })
    }

    /// The mean of the targets.
    pub(crate) fn mean(&self) -> f64 {
        self.0[0]
    }

    /// A metric of the baseline.
    pub(crate) fn measure(&self, metric: &dyn Metric, rows: &Dataset) -> Result<f64> {
        let targets = targets(rows)?.contiguous();
        let mut running = Running::new(metric, self.0.len());
        let outputs = self.0.repeat(EVAL_BATCH.min(rows.len()));
        let weights = rows.weights().map(Tensor::as_slice::<f32>).transpose()?;
        for start in (0..rows.len()).step_by(EVAL_BATCH) {
            let end = rows.len().min(start + EVAL_BATCH);
            let targets = targets.slice(0, start, end)?;
            let outputs = &outputs[..(end - start) * self.0.len()];
            running.add_weighted(
                outputs,
                Targets::of(&targets)?,
                weights.map(|weights| &weights[start..end]),
            )?;
        }
        Ok(running.value())
    }
}
