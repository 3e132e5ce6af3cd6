//! Metrics: what is reported about predictions.
//!
//! To add one: write `metrics/<name>.rs`, then add its lines here. A metric says one number for each row and what
//! becomes of their mean; [`Running`] adds rows up so that it does not matter how they are cut into batches.

mod accuracy;
mod log_loss;
mod rmse;
mod running;

use crate::entry::{Described, registry};
use crate::{Entry, Goal, Maker};

pub use accuracy::Accuracy;
pub use log_loss::LogLoss;
pub use rmse::Rmse;
pub use running::{Running, Target, Targets};

/// Which of two values of a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The larger one.
    Higher,
    /// The smaller one.
    Lower,
}

/// A number that says how good predictions are: the mean of one number a row, or a function of that mean.
pub trait Metric: Described {
    /// Whether it says something about predictions for this goal.
    fn fits(&self, goal: Goal) -> bool;

    /// Which of two values is better.
    fn better(&self) -> Better;

    /// The number of one row, from the network's output for it (logits, or numbers) and its target.
    fn row(&self, prediction: &[f64], target: Target<'_>) -> f64;

    /// The metric from the mean over all rows.
    fn finish(&self, mean: f64) -> f64 {
        mean
    }
}

/// Every metric, in alphabetical order.
pub static METRICS: &[Maker<dyn Metric>] = &[
    Maker::<dyn Metric>::of::<Accuracy>(),
    Maker::<dyn Metric>::of::<LogLoss>(),
    Maker::<dyn Metric>::of::<Rmse>(),
];

registry!(Metric, "metric", METRICS);

/// The metrics that say something about a goal, with their defaults, in alphabetical order.
pub fn fitting(goal: Goal) -> impl Iterator<Item = Entry<dyn Metric>> {
    let entries = METRICS.iter().filter_map(|maker| Entry::named(maker.name).ok());
    entries.filter(move |metric: &Entry<dyn Metric>| metric.fits(goal))
}

/// The metric people ask for first.
#[must_use]
pub fn usual(goal: Goal) -> Entry<dyn Metric> {
    match goal {
        Goal::Classes(_) => Accuracy {}.into(),
        Goal::Numbers(_) => Rmse {}.into(),
    }
}
