//! Share of the variance that is explained.

use rosenblatt_tensor::kernels::reduce::LaneSum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Better, Tally, Target};
use crate::{Config, Metric, TargetKind};

/// Coefficient of determination: how much better predictions are than the mean of the targets; 1 is perfect.
///
/// `mean_j (1 − Σ_i w_i (prediction_ij − target_ij)² / Σ_i w_i (target_ij − mean_j)²)`, with `w_i` the row's weight or 1
///
/// # Numerics
/// Targets far from 0 lose no digits: they are measured from the first one, and mean and squares updated row by row.
/// NaN where all targets are equal, as those of a single row are.
///
/// # Reference
/// Welford: Note on a Method for Calculating Corrected Sums of Squares and Products. Technometrics 4, 1962.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct R2 {}

impl Config for R2 {
    const NAME: &'static str = "r2";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Metric for R2 {
    fn fits(&self, target_kind: TargetKind) -> bool {
        matches!(target_kind, TargetKind::Values(_))
    }

    fn better(&self) -> Better {
        Better::Higher
    }

    fn tally(&self, outputs: usize) -> Box<dyn Tally> {
        Box::new(Variances(vec![Variance::default(); outputs]))
    }
}

/// Sums of squares of one number of the rows.
#[derive(Clone, Debug)]
struct Variance {
    weights: f64,
    first: f64,
    /// The mean of what targets are above the first.
    mean: f64,
    squares: f64,
    errors: LaneSum,
}

impl Default for Variance {
    fn default() -> Self {
        Self {
            weights: 0.0,
            first: 0.0,
            mean: 0.0,
            squares: 0.0,
            errors: LaneSum::new(),
        }
    }
}

impl Variance {
    fn add(&mut self, prediction: f64, target: f64, weight: f64) {
        if self.weights == 0.0 {
            self.first = target;
        }
        let above = target - self.first;
        let before = above - self.mean;
        self.weights += weight;
        self.mean += weight * before / self.weights;
        self.squares += weight * before * (above - self.mean);
        self.errors
            .push(&[weight * (prediction - target) * (prediction - target)]);
    }

    fn explained(&self) -> f64 {
        match self.squares {
            0.0 => f64::NAN,
            squares => 1.0 - self.errors.clone().finish() / squares,
        }
    }
}

#[derive(Debug)]
struct Variances(Vec<Variance>);

impl Tally for Variances {
    fn add(&mut self, prediction: &[f64], target: Target<'_>, weight: f64) {
        let Target::Numbers(numbers) = target else {
            return;
        };
        for (variance, (p, t)) in self.0.iter_mut().zip(prediction.iter().zip(numbers)) {
            variance.add(*p, *t, weight);
        }
    }

    fn value(&self) -> f64 {
        self.0.iter().map(Variance::explained).sum::<f64>() / self.0.len() as f64
    }
}
