//! What metrics keep of the rows they have seen.

use std::fmt::Debug;

use rosenblatt_tensor::kernels::reduce::LaneSum;

use super::Target;

/// What a metric keeps of rows: sums, counts, or all of them.
pub trait Tally: Debug + Send {
    /// Takes one row: the network's output for it (logits, or numbers), its target, and how much it counts, above 0.
    fn add(&mut self, prediction: &[f64], target: Target<'_>, weight: f64);

    /// The metric of all rows so far; NaN where it is not defined.
    fn value(&self) -> f64;
}

/// The number of one row, from the network's output for it and its target.
pub type OfRow = fn(&[f64], Target<'_>) -> f64;

/// The weighted mean of one number a row, or a function of that mean.
///
/// `Σᵢ weightᵢ · rowᵢ / Σᵢ weightᵢ`
///
/// # Numerics
/// Rows are added by lanes, in their order; NaN of no rows.
#[derive(Clone, Debug)]
pub struct Mean {
    row: OfRow,
    finish: fn(f64) -> f64,
    sum: LaneSum,
    weights: f64,
}

impl Mean {
    /// The mean of `row`.
    #[must_use]
    pub fn of(row: OfRow) -> Self {
        Self {
            row,
            finish: |mean| mean,
            sum: LaneSum::new(),
            weights: 0.0,
        }
    }

    /// `finish` of the mean.
    #[must_use]
    pub fn then(self, finish: fn(f64) -> f64) -> Self {
        Self { finish, ..self }
    }
}

impl Tally for Mean {
    fn add(&mut self, prediction: &[f64], target: Target<'_>, weight: f64) {
        self.sum.push(&[weight * (self.row)(prediction, target)]);
        self.weights += weight;
    }

    fn value(&self) -> f64 {
        (self.finish)(self.sum.clone().finish() / self.weights)
    }
}

/// The mean over the numbers of a row of a function of their errors `prediction − target`; NaN if the target is a class.
pub(super) fn mean_over_numbers(prediction: &[f64], target: Target<'_>, of_error: impl Fn(f64) -> f64) -> f64 {
    let Target::Numbers(numbers) = target else {
        return f64::NAN;
    };
    let errors = prediction.iter().zip(numbers).map(|(p, t)| of_error(p - t));
    errors.sum::<f64>() / prediction.len() as f64
}
