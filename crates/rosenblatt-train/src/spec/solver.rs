//! Settings of training that an optimizer does not have which is a solver.

use rosenblatt_tensor::{Advice, Error, Result};
use serde_json::Value;

use super::{Spec, TrainSpec};

pub(crate) const ALL_ROWS: &str = "takes all training rows in each iteration";
const SEARCH: &str = "finds the length of each step by a line search";
pub(crate) const RANDOM: &str = "needs the same loss for the same weights, and this draws random numbers";
pub(crate) const NO_NOISE: &str = "has no noise of batches that an average of weights could take away";
const GRADIENT: &str = "needs the gradient as it is, and shortens steps that go too far";
const L1: &str = "train.l1";

/// The key of the shorthand for layers of dropout, and why a solver cannot have them.
pub(crate) const DROPOUT: (&str, &str) = (
    "model.dropout",
    "needs the same loss for the same weights, and dropout draws random numbers",
);

/// Settings that a solver has no use for, and why: with another value than the default they are refused.
pub(crate) const NOT_OF_SOLVERS: [(&str, &str); 13] = [
    ("train.accumulate_steps", ALL_ROWS),
    ("train.augment", RANDOM),
    ("train.batch_size", ALL_ROWS),
    ("train.clip_norm", GRADIENT),
    ("train.clip_parameter_norm", GRADIENT),
    ("train.clip_value", GRADIENT),
    ("train.ema", NO_NOISE),
    (L1, "needs a smooth loss, and the L1 penalty has a kink at 0"),
    ("train.learning_rate", SEARCH),
    ("train.max_norm", "would leave the point that its line search has found"),
    ("train.mixup", RANDOM),
    ("train.schedule", SEARCH),
    ("train.swa", NO_NOISE),
];

impl TrainSpec {
    /// The error, without a place, of a setting that the solver which was chosen has no use for.
    pub(crate) fn refused(&self, key: &str, reason: &str) -> Error {
        let error = Error::config(format!("`{}` {reason}", self.optimizer.name()));
        let hint = Advice::new("leave it out, or choose another optimizer with ").setting("train.optimizer");
        match key {
            L1 => error.hint(hint.text("; the penalty of ").setting("train.l2").text(" is smooth")),
            _ => error.hint(hint),
        }
    }

    /// Gives what a solver has no use for its default.
    pub(crate) fn without_steps(self) -> Self {
        let Self {
            accumulate_steps,
            augment,
            batch_size,
            clip_norm,
            clip_parameter_norm,
            clip_value,
            ema,
            l1,
            learning_rate,
            max_norm,
            mixup,
            schedule,
            swa,
            ..
        } = Self::default();
        Self {
            accumulate_steps,
            augment,
            batch_size,
            clip_norm,
            clip_parameter_norm,
            clip_value,
            ema,
            l1,
            learning_rate,
            max_norm,
            mixup,
            schedule,
            swa,
            ..self
        }
    }
}

impl Spec {
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] for settings that the optimizer, a solver, has no use for.
    pub(super) fn check_solver(&self) -> Result<()> {
        if self.train.optimizer.solver().is_none() {
            return Ok(());
        }
        let json = |train: TrainSpec| {
            let schedule = Value::from(train.schedule.name());
            let of = Self {
                train,
                ..Self::default()
            };
            let mut json = of.numbers().to_json()?;
            json["train"]["schedule"] = schedule;
            Ok::<_, Error>(json)
        };
        let (given, usual) = (json(self.train.clone())?, json(TrainSpec::default())?);
        let differs = |key: &str| {
            let name = key.rsplit('.').next().unwrap_or_default();
            given["train"].get(name) != usual["train"].get(name)
        };
        let wrong = NOT_OF_SOLVERS.iter().find(|(key, _)| differs(key));
        wrong.map_or(Ok(()), |(key, reason)| {
            Err(self.train.refused(key, reason).within(*key))
        })
    }
}
