//! What is recorded of a training run.

use std::collections::BTreeMap;
use std::ops::Index;
use std::sync::Arc;

use rosenblatt_tensor::Result;
use serde::{Deserialize, Serialize};

#[cfg(doc)]
use super::Records;
use super::solving::Solved;
use super::weights::Totals;
use crate::Warning;
use crate::epoch_log::EpochReader;

/// Values of metrics by name: `metrics["loss"]`.
///
/// Written, a value that is not finite is `null`, which is read as NaN: a metric that is not defined for some rows must not
/// make a file unreadable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, Option<f64>>", into = "BTreeMap<String, Option<f64>>")]
pub struct Metrics(BTreeMap<String, f64>);

impl From<BTreeMap<String, Option<f64>>> for Metrics {
    fn from(values: BTreeMap<String, Option<f64>>) -> Self {
        values
            .into_iter()
            .map(|(name, value)| (name, value.unwrap_or(f64::NAN)))
            .collect()
    }
}

impl From<Metrics> for BTreeMap<String, Option<f64>> {
    fn from(metrics: Metrics) -> Self {
        let finite = |value: f64| value.is_finite().then_some(value);
        metrics
            .0
            .into_iter()
            .map(|(name, value)| (name, finite(value)))
            .collect()
    }
}

/// The name of the loss among metrics.
pub(crate) const LOSS: &str = "loss";

impl Metrics {
    /// The value of a metric.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// The loss; NaN if there is none.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.get(LOSS).unwrap_or(f64::NAN)
    }

    /// The first metric by name that is not the loss: the score, where a run records one.
    #[must_use]
    pub fn score(&self) -> Option<(&str, f64)> {
        self.iter().find(|(name, _)| *name != LOSS)
    }

    /// Names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// Sets a value.
    pub fn insert(&mut self, name: impl Into<String>, value: f64) {
        self.0.insert(name.into(), value);
    }

    /// Whether all values are finite.
    #[must_use]
    pub fn are_finite(&self) -> bool {
        self.0.values().all(|value| value.is_finite())
    }
}

impl Index<&str> for Metrics {
    type Output = f64;

    /// # Panics
    /// If there is no such metric; [`Metrics::get`] does not.
    fn index(&self, name: &str) -> &f64 {
        &self.0[name]
    }
}

impl<N: Into<String>> FromIterator<(N, f64)> for Metrics {
    fn from_iter<I: IntoIterator<Item = (N, f64)>>(values: I) -> Self {
        Self(values.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

/// What is recorded of one epoch.
///
/// Rows count by their weights, if they have some: in the loss sample weight times class weight, in other metrics the sample
/// weight alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Record {
    /// Its number, from 1.
    pub epoch: usize,
    /// Means over the rows of the training pass, each batch before its update; with a solver, after its iteration.
    pub train: Metrics,
    /// Of the validation rows, after the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid: Option<Metrics>,
    /// Of the test rows, after the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Metrics>,
    /// How often a solver has computed loss and gradient of all training rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluations: Option<u64>,
    /// Time of the training pass alone.
    pub seconds: f64,
}

impl Record {
    /// The record of an epoch.
    #[must_use]
    pub fn new(epoch: usize, train: Metrics, valid: Option<Metrics>, test: Option<Metrics>, seconds: f64) -> Self {
        Self {
            epoch,
            train,
            valid,
            test,
            evaluations: None,
            seconds,
        }
    }

    /// Names of all values, as [`Record::get`] takes them.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let parts = [
            ("", Some(&self.train)),
            ("valid.", self.valid.as_ref()),
            ("test.", self.test.as_ref()),
        ];
        let of = |(prefix, metrics): (&'static str, Option<&Metrics>)| {
            let names = metrics.into_iter().flat_map(Metrics::iter);
            names.map(|(name, _)| format!("{prefix}{name}")).collect::<Vec<_>>()
        };
        parts.into_iter().flat_map(of).collect()
    }

    /// A value by name: `loss` and other metrics of the training pass, `valid.loss`, `test.accuracy`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        match name.split_once('.') {
            Some(("valid", name)) => self.valid.as_ref()?.get(name),
            Some(("test", name)) => self.test.as_ref()?.get(name),
            _ => self.train.get(name),
        }
    }
}

/// The record of a whole run, as in Keras.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct History {
    /// One record an epoch; of more than 10,000 epochs those that [`Records`] keeps.
    pub epochs: Vec<Record>,
    /// The k of which every k-th epoch is kept; 1 if all are.
    pub every: usize,
    /// Steps taken.
    pub steps: u64,
    /// Number of the epoch whose parameters the model has, from 1.
    pub best_epoch: usize,
    /// How a solver such as `lbfgs` has trained; `None` for steps on batches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solved: Option<Solved>,
    /// What changes the result, or may.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// All records, if they were written to a file and `epochs` has only a part.
    #[serde(skip)]
    pub(crate) all: Option<Arc<EpochReader>>,
}

impl Default for History {
    fn default() -> Self {
        Self {
            epochs: Vec::new(),
            every: 1,
            steps: 0,
            best_epoch: 0,
            solved: None,
            warnings: Vec::new(),
            all: None,
        }
    }
}

impl History {
    /// Calls `each` with the record of every epoch, oldest first. What `epochs` does not keep is read from the file of a
    /// run with checkpoints; without checkpoints it is gone.
    ///
    /// # Errors
    /// Those of `each`; [`rosenblatt_tensor::ErrorKind::Io`] if the file cannot be read.
    pub fn for_each_epoch(&self, each: &mut dyn FnMut(&Record) -> Result<()>) -> Result<()> {
        match &self.all {
            Some(all) => all.for_each(&mut |record| each(&record)),
            None => self.epochs.iter().try_for_each(each),
        }
    }

    /// A value of every epoch: `history.curve("valid.loss")`; empty if it was not recorded.
    #[must_use]
    pub fn curve(&self, name: &str) -> Vec<f64> {
        self.epochs.iter().filter_map(|record| record.get(name)).collect()
    }
}

/// Loss and score added up over batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunningMetrics {
    /// Of the rows' losses.
    pub loss: f64,
    /// Correct rows, or squared errors.
    pub score: f64,
    /// How many rows there were, or the sum of their sample weights.
    pub rows: f64,
    /// What the losses are divided by, where that is not `rows`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_weight: Option<f64>,
}

impl RunningMetrics {
    /// Adds a batch: its mean loss, its sum of correct rows or squared errors, and what these are to be divided by.
    pub(crate) fn add(&mut self, mean_loss: f64, score: f64, totals: Totals) {
        let loss_weight = self.loss_weight() + totals.loss;
        self.loss += mean_loss * totals.loss;
        self.score += score;
        self.rows += totals.score;
        self.loss_weight = (loss_weight != self.rows).then_some(loss_weight);
    }

    fn loss_weight(&self) -> f64 {
        self.loss_weight.unwrap_or(self.rows)
    }

    /// Means over the rows so far; NaN of none.
    pub(crate) fn metrics(&self, score: Option<Score>) -> Metrics {
        let mut metrics = Metrics::from_iter([(LOSS, self.loss / self.loss_weight())]);
        if let Some(score) = score {
            metrics.insert(score.name(), score.of(self.score / self.rows));
        }
        metrics
    }
}

/// A metric that a step sums up itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Score {
    /// Share of correct classes.
    Accuracy,
    /// Root of the mean squared error.
    Rmse,
}

impl Score {
    /// The name of its metric.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Rmse => "rmse",
        }
    }

    /// Its value, of the mean that is summed up.
    fn of(self, mean: f64) -> f64 {
        match self {
            Self::Accuracy => mean,
            Self::Rmse => mean.sqrt(),
        }
    }
}
