//! An end before the last epoch, when a metric no longer improves.

use std::ops::ControlFlow;

use rosenblatt_tensor::{Error, Result};

use super::Callback;
use crate::model::{Record, Run};

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
    /// The best value so far; higher is worse.
    best: Option<f64>,
    /// Epochs since then; nothing if an epoch had no such metric.
    since: Option<usize>,
}

impl Stopping {
    pub(crate) fn new(rule: EarlyStopping) -> Self {
        Self {
            rule,
            best: None,
            since: Some(0),
        }
    }

    /// Looks at the next epoch; of equal epochs the first is the best.
    fn observe(&mut self, record: &Record, higher: bool) {
        let sign = if higher { -1.0 } else { 1.0 };
        // A value that is not a number is worse than any other.
        let number = |value: f64| if value.is_nan() { f64::INFINITY } else { sign * value };
        let value = record.get(&self.rule.metric).map(number);
        let improves = |value: f64| {
            self.best
                .is_none_or(|best| value.total_cmp(&(best - self.rule.min_delta)).is_lt())
        };
        self.since = match (value, self.since) {
            (Some(value), Some(_)) if improves(value) => {
                self.best = Some(value);
                Some(0)
            }
            (Some(_), Some(since)) => Some(since + 1),
            _ => None,
        };
    }

    fn is_higher_better(&self, run: &Run<'_>) -> bool {
        let name = self.rule.metric.rsplit('.').next().unwrap_or_default();
        run.model().higher_is_better(name)
    }
}

impl Callback for Stopping {
    fn at_start(&mut self, run: &mut Run<'_>) -> Result<()> {
        let higher = self.is_higher_better(run);
        run.for_each_resumed(&mut |record| self.observe(record, higher))
    }

    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        let higher = self.is_higher_better(run);
        let last = run.history().last();
        last.into_iter().for_each(|record| self.observe(record, higher));
        let Some(since) = self.since else {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Metrics;

    fn history(name: &str, values: &[f64]) -> Vec<Record> {
        let record = |(i, &value): (usize, &f64)| {
            let valid = Metrics::from_iter([(name, value)]);
            Record::new(i + 1, Metrics::default(), Some(valid), None, 0.0)
        };
        values.iter().enumerate().map(record).collect()
    }

    /// Epochs since the best one.
    fn since_best(rule: EarlyStopping, history: &[Record], higher: bool) -> Option<usize> {
        let mut stopping = Stopping::new(rule);
        history.iter().for_each(|record| stopping.observe(record, higher));
        stopping.since
    }

    #[test]
    fn the_first_of_equal_epochs_is_the_best() {
        for (losses, since) in [
            (&[][..], Some(0)),
            (&[1.0], Some(0)),
            (&[1.0, 1.0], Some(1)),
            (&[2.0, 1.0, 3.0], Some(1)),
        ] {
            assert_eq!(
                since_best(EarlyStopping::default(), &history("loss", losses), false),
                since,
                "{losses:?}"
            );
        }
        let nan = [f64::NAN, 2.0, -f64::NAN, 3.0];
        assert_eq!(
            since_best(EarlyStopping::default(), &history("loss", &nan), false),
            Some(2)
        );
        let mut unvalidated = history("loss", &[1.0, 2.0]);
        unvalidated[1].valid = None;
        assert_eq!(since_best(EarlyStopping::default(), &unvalidated, false), None);
    }

    #[test]
    fn a_metric_says_which_values_are_better_and_small_gains_do_not_count() {
        let accuracy = EarlyStopping::after(2).on("valid.accuracy");
        assert_eq!(
            since_best(accuracy, &history("accuracy", &[0.5, 0.9, 0.7]), true),
            Some(1)
        );
        let rmse = EarlyStopping::after(2).on("valid.rmse");
        assert_eq!(since_best(rmse, &history("rmse", &[0.5, 0.9, 0.7]), false), Some(2));
        let coarse = EarlyStopping {
            min_delta: 0.1,
            ..EarlyStopping::default()
        };
        assert_eq!(
            since_best(coarse, &history("loss", &[1.0, 0.95, 0.8, 0.75]), false),
            Some(1)
        );
    }
}
