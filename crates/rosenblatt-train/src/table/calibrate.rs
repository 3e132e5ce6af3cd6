//! Probabilities that mean what they say.

use rosenblatt_data::{Dataset, Prepared};
use rosenblatt_tensor::{DType, Result, Tensor};
use serde::Serialize;

use super::{LAYERS, LINEAR_PATH};
use crate::Params;
use crate::model::head::Head;
use crate::model::step_kind::StepKind;
use crate::model::{Data, Model};
use crate::options::RunOptions;
use crate::spec::Spec;

/// How far the logarithm of a temperature is from 0 in general. On ten tables the log loss of test rows fell by 0.3 in 100 with 0.1 to 0.3, and
/// rose without such a bound, as small tables were led astray by their few validation rows.
const DEVIATION: f64 = 0.15;

/// No temperature has a logarithm beyond this.
const LARGEST: f64 = 3.0;

/// How the probabilities of a model were calibrated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// What logits were divided by: above 1 the network was too sure of itself.
    pub temperature: f64,
    /// The log loss of the validation rows before.
    pub before: f64,
    /// The log loss of the validation rows after.
    pub after: f64,
}

/// Divides the logits of a model by the temperature with the least log loss on the validation rows, if it predicts probabilities and
/// there are such rows. The layers of the output are divided, so that nothing else has to know.
///
/// Class weights ask for other probabilities than those of the data: with them nothing is changed.
///
/// # Reference
/// Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks. ICML 2017. arXiv:1706.04599.
pub(super) fn calibrate(
    model: &mut Model,
    spec: &Spec,
    data: &Prepared,
    options: &RunOptions,
) -> Result<Option<Calibration>> {
    let Some(valid) = data.valid.as_ref().filter(|valid| valid.len() > 0) else {
        return Ok(None);
    };
    if !spec.train.calibrate || spec.train.class_weight.is_some() || !has_probabilities(model)? {
        return Ok(None);
    }
    let rows = Rows::of(model, valid, options)?;
    let inverse = rows.best_inverse();
    let last = format!("{LAYERS}.{}.", model.table()?.layers()?.len() - 1);
    let beside = format!("{LINEAR_PATH}.");
    let is_output = |name: &str| name.starts_with(&last) || name.starts_with(&beside);
    let divided = |tensor: &Tensor| {
        let values = tensor.to_f64().into_iter().map(|value| (value * inverse) as f32);
        Tensor::from_vec(values.collect::<Vec<_>>(), tensor.shape())
    };
    let outputs = model.params().iter().filter(|(name, _)| is_output(name));
    let divided: Result<Params> = outputs
        .map(|(name, tensor)| Ok((name.clone(), divided(tensor)?)))
        .collect();
    model.set_params(&divided?)?;
    for (part, rows) in [("valid", Some(valid)), ("test", data.test.as_ref())] {
        rows.map_or(Ok(()), |rows| model.measure_again(part, rows, options))?;
    }
    Ok(Some(Calibration {
        temperature: 1.0 / inverse,
        before: rows.log_loss(1.0),
        after: rows.log_loss(inverse),
    }))
}

fn has_probabilities(model: &Model) -> Result<bool> {
    let step = model.step(0)?;
    Ok(step.dtype == DType::F32 && step.heads.iter().all(Head::has_probabilities))
}

/// The logits of some rows.
struct Rows {
    /// `[rows, classes]`, row-major.
    logits: Vec<f64>,
    targets: Vec<i64>,
    weights: Option<Vec<f64>>,
}

impl Rows {
    fn of(model: &Model, rows: &Dataset, options: &RunOptions) -> Result<Self> {
        let (mut runner, mut logits) = (model.runner(options)?, Vec::new());
        let data = model.check_rows(Data::of_inputs(vec![rows.features().clone()]))?;
        model.in_batches(&mut runner, StepKind::Score, &data, |runner, kind, _| {
            logits.extend(runner.output(kind, 0)?.to_f64());
            Ok(())
        })?;
        let targets = rows.targets().map(Tensor::to_vec::<i64>).transpose()?;
        Ok(Self {
            logits,
            targets: targets.unwrap_or_default(),
            weights: rows.weights().map(|weights| weights.to_f64()),
        })
    }

    /// The logits, the target and the weight of each row.
    fn each(&self) -> impl Iterator<Item = (&[f64], usize, f64)> {
        let classes = self.logits.len() / self.targets.len().max(1);
        let rows = self.logits.chunks_exact(classes.max(1)).zip(&self.targets).enumerate();
        rows.map(|(row, (logits, &target))| {
            let weight = self.weights.as_ref().map_or(1.0, |weights| weights[row]);
            (logits, target as usize, weight)
        })
    }

    /// What logits are best multiplied by: the most likely factor, whose logarithm is taken to be normal with mean 0 and deviation
    /// [`DEVIATION`] beforehand. So a few rows that are all right do not ask for infinity, and many rows decide alone.
    fn best_inverse(&self) -> f64 {
        const STEPS: usize = 60;
        let ([mut low, mut high], mut u) = ([-LARGEST, LARGEST], 0.0);
        for _ in 0..STEPS {
            let factor = libm::exp(u);
            let (slope, curvature) = self.slope(factor);
            let slope = factor * slope + u / (DEVIATION * DEVIATION);
            let curvature = slope + factor * factor * curvature + (1.0 - u) / (DEVIATION * DEVIATION);
            if slope > 0.0 {
                high = u
            } else {
                low = u
            }
            let newton = u - slope / curvature;
            let next = if newton > low && newton < high {
                newton
            } else {
                low.midpoint(high)
            };
            if (next - u).abs() <= 1e-12 {
                break;
            }
            u = next;
        }
        libm::exp(u)
    }

    /// The first two derivatives of the log loss by the factor of the logits; the second is not negative.
    fn slope(&self, factor: f64) -> (f64, f64) {
        let (mut slope, mut curvature) = (0.0, 0.0);
        for (logits, target, weight) in self.each() {
            let (most, sum) = softmax(logits, factor);
            let (mut mean, mut square) = (0.0, 0.0);
            for logit in logits {
                let below = logit - most;
                let p = libm::exp(factor * below) / sum;
                (mean, square) = (mean + p * below, square + p * below * below);
            }
            slope += weight * (mean - (logits[target] - most));
            curvature += weight * (square - mean * mean);
        }
        (slope, curvature)
    }

    /// The mean log loss with logits multiplied by this.
    fn log_loss(&self, factor: f64) -> f64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (logits, target, weight) in self.each() {
            let (most, total) = softmax(logits, factor);
            sum += weight * (libm::log(total) - factor * (logits[target] - most));
            weights += weight;
        }
        sum / weights
    }
}

/// The largest logit, and the sum of the exponentials of the differences to it.
fn softmax(logits: &[f64], factor: f64) -> (f64, f64) {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum = logits.iter().map(|logit| libm::exp(factor * (logit - most))).sum();
    (most, sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(logits: &[[f64; 2]], targets: &[i64]) -> Rows {
        Rows {
            logits: logits.concat(),
            targets: targets.to_vec(),
            weights: None,
        }
    }

    /// Three of four are right where the network says 1 − σ(−4): the factor of many rows is `ln 3 / 4`.
    #[test]
    fn an_overconfident_network_is_cooled() {
        let logits = [[4.0, 0.0]; 40_000];
        let targets: Vec<i64> = (0..40_000).map(|row| i64::from(row % 4 == 0)).collect();
        let rows = rows(&logits, &targets);
        let factor = rows.best_inverse();
        assert!((factor - 3f64.ln() / 4.0).abs() < 2e-3, "{factor}");
        assert!((rows.log_loss(factor) - 0.5623).abs() < 1e-3);
    }

    /// Against the slope on both sides, the prior included.
    #[test]
    fn the_factor_is_the_likeliest_of_all() {
        let logit = |row: i32| [f64::from(row * 7 % 13) / 3.0, f64::from(row * 5 % 11) / 2.0];
        let logits: Vec<[f64; 2]> = (0..60).map(logit).collect();
        let targets: Vec<i64> = (0..60).map(|row| i64::from(row * 3 % 7 > 3)).collect();
        let rows = rows(&logits, &targets);
        let best = rows.best_inverse();
        let lost = |factor: f64| 60.0 * rows.log_loss(factor) + (factor.ln() / DEVIATION).powi(2) / 2.0;
        assert!(
            lost(best) < lost(best * 1.001) && lost(best) < lost(best / 1.001),
            "{best}"
        );
        assert!(best < 0.99, "{best}");
    }

    #[test]
    fn few_rows_that_are_all_right_or_wrong_or_say_nothing_change_little() {
        for (logits, target, range) in [
            ([2.0, 0.0], 0, 1.0..1.1),
            ([9.0, 0.0], 0, 1.0..1.01),
            ([2.0, 0.0], 1, 0.5..1.0),
            ([1.0, 1.0], 0, 0.999..1.001),
        ] {
            let factor = rows(&[logits; 9], &[target; 9]).best_inverse();
            assert!(range.contains(&factor), "{logits:?} {target}: {factor}");
        }
    }
}
