//! An end before the last epoch, when a metric no longer improves.

use std::ops::ControlFlow;

use rosenblatt_tensor::{Error, Result};

use super::Callback;
use crate::model::{Record, Run};
use crate::since_best::SinceBest;

/// Keeps the parameters of the epoch with the best value of a metric, and ends the run when no epoch has been better for a
/// while.
///
/// It remembers nothing: what it decides follows from the history, so a resumed run decides the same.
///
/// # Reference
/// Prechelt: Early Stopping, But When? Neural Networks: Tricks of the Trade, 1998.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EarlyStopping {
    /// What is watched: `valid.loss`, or `valid.` and the name of a metric of the model.
    pub metric: String,
    /// Epochs to wait for an improvement, at least 1.
    pub patience: usize,
    /// By how much a value must be better to count, at least 0.
    pub min_delta: f64,
}

impl Default for EarlyStopping {
    /// Ten epochs without a lower validation loss.
    fn default() -> Self {
        Self {
            metric: "valid.loss".to_owned(),
            patience: 10,
            min_delta: 0.0,
        }
    }
}

impl EarlyStopping {
    /// Its name: file, registry.
    pub const NAME: &'static str = "early_stopping";

    /// So many epochs without a lower validation loss.
    #[must_use]
    pub fn after(patience: usize) -> Self {
        Self {
            patience,
            ..Self::default()
        }
    }

    /// The same for another metric: `EarlyStopping::after(5).on("valid.accuracy")`.
    #[must_use]
    pub fn on(mut self, metric: &str) -> Self {
        metric.clone_into(&mut self.metric);
        self
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] for settings out of range.
    pub(crate) fn check(&self) -> Result<()> {
        if self.patience == 0 {
            return Err(Error::config("expected at least 1, got `0`").within("early_stopping.patience"));
        }
        if !(self.min_delta >= 0.0 && self.min_delta.is_finite()) {
            let error = Error::config(format!("expected at least 0, got `{}`", self.min_delta));
            return Err(error.within("early_stopping.min_delta"));
        }
        Ok(())
    }
}

/// [`EarlyStopping`] in a run.
pub(crate) struct Stopping {
    rule: EarlyStopping,
    progress: SinceBest,
}

impl Stopping {
    pub(crate) fn new(rule: EarlyStopping) -> Self {
        let progress = SinceBest::START;
        Self { rule, progress }
    }

    fn observe(&mut self, record: &Record, higher: bool) {
        let value = record.get(&self.rule.metric);
        self.progress.observe(value, higher, self.rule.min_delta);
    }

    fn is_higher_better(&self, run: &Run<'_>) -> bool {
        let name = self.rule.metric.rsplit('.').next().unwrap_or_default();
        run.model().higher_is_better(name)
    }
}

impl Callback for Stopping {
    fn at_start(&mut self, run: &mut Run<'_>) -> Result<()> {
        let (higher, first) = (self.is_higher_better(run), run.first_averaged());
        run.for_each_resumed(&mut |record| {
            if record.epoch >= first {
                self.observe(record, higher);
            }
        })
    }

    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        // Epochs before weights are averaged are no candidates.
        if run.epoch() < run.first_averaged() {
            return Ok(ControlFlow::Continue(()));
        }
        let higher = self.is_higher_better(run);
        let last = run.history().last();
        last.into_iter().for_each(|record| self.observe(record, higher));
        let Some(since) = self.progress.since else {
            let known = last.map(Record::names).unwrap_or_default();
            let metric = &self.rule.metric;
            let error = Error::config(format!("`{metric}` is not recorded")).within("early_stopping.metric");
            return Err(error.hint(rosenblatt_tensor::names::meant(
                metric,
                known.iter().map(String::as_str),
            )));
        };
        if since == 0 {
            run.mark_best()?;
        }
        Ok(if since >= self.rule.patience {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    }
}
