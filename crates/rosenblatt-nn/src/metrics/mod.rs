//! Metrics: what is reported about predictions.
//!
//! To add one: write `metrics/<name>.rs`, then add its lines here. A metric says by its [`Tally`] what it keeps of each
//! row and what becomes of that: a [`Mean`] of one number a row, counts, or all rows. [`Running`] hands rows over one by
//! one, so that it does not matter how they are cut into batches. What is more than one number is listed after them:
//! [`Confusion`] and [`Calibration`].

mod accuracy;
mod balanced_accuracy;
mod brier;
mod calibration;
mod confusion;
mod f1;
mod log_loss;
mod mae;
mod r2;
mod rmse;
mod roc_auc;
mod running;
mod tally;

use crate::entry::{Configurable, registry};
use crate::{Entry, Registration, TargetKind};

pub use accuracy::Accuracy;
pub use balanced_accuracy::BalancedAccuracy;
pub use brier::Brier;
pub use calibration::{Bin, Calibration};
pub use confusion::{ClassCounts, Confusion};
pub use f1::F1;
pub use log_loss::LogLoss;
pub use mae::Mae;
pub use r2::R2;
pub use rmse::Rmse;
pub use roc_auc::RocAuc;
pub use running::{Running, Target, Targets};
pub use tally::{Mean, OfRow, Tally};

/// Which of two values of a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The larger one.
    Higher,
    /// The smaller one.
    Lower,
}

/// A number that says how good predictions are.
pub trait Metric: Configurable {
    /// Whether it says something about predictions for this kind of target.
    fn fits(&self, target_kind: TargetKind) -> bool;

    /// Whether it needs probabilities of so many classes, as logits: not defined for the scores of a loss without a link.
    fn needs_probabilities(&self, _classes: usize) -> bool {
        false
    }

    /// Which of two values is better.
    fn better(&self) -> Better;

    /// Takes rows one by one, none so far, for a network that outputs `outputs` numbers a row.
    fn tally(&self, outputs: usize) -> Box<dyn Tally>;
}

/// Every metric, in alphabetical order.
pub static METRICS: &[Registration<dyn Metric>] = &[
    Registration::<dyn Metric>::of::<Accuracy>(),
    Registration::<dyn Metric>::of::<BalancedAccuracy>(),
    Registration::<dyn Metric>::of::<Brier>(),
    Registration::<dyn Metric>::of::<F1>(),
    Registration::<dyn Metric>::of::<LogLoss>(),
    Registration::<dyn Metric>::of::<Mae>(),
    Registration::<dyn Metric>::of::<R2>(),
    Registration::<dyn Metric>::of::<Rmse>(),
    Registration::<dyn Metric>::of::<RocAuc>(),
];

registry!(Metric, "metric", METRICS);

/// The metrics that say something about a kind of target, with their defaults, in alphabetical order.
pub fn fitting(target_kind: TargetKind) -> impl Iterator<Item = Entry<dyn Metric>> {
    let entries = METRICS
        .iter()
        .filter_map(|registration| Entry::named(registration.name).ok());
    entries.filter(move |metric: &Entry<dyn Metric>| metric.fits(target_kind))
}

/// The metric people ask for first.
#[must_use]
pub fn usual(target_kind: TargetKind) -> Entry<dyn Metric> {
    match target_kind {
        TargetKind::Classes(_) => Accuracy {}.into(),
        TargetKind::Values(_) => Rmse {}.into(),
    }
}
