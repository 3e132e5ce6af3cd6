//! Reduction on a plateau.

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::At;
use crate::entry::{expect, range};
use crate::{Config, Schedule};

/// A smaller learning rate whenever the observed metric has stopped improving; PyTorch's `ReduceLROnPlateau`.
///
/// After more than `patience` observations in a row that do not improve on the best one, the factor becomes
/// `max(factor · f, min_factor)`, and the next `cooldown` observations are not counted. `m` improves on the best `b` if
/// `m < b (1 − threshold)` for mode `min`, if `m > b (1 + threshold)` for mode `max`; NaN improves on nothing. The
/// threshold is relative, so it is meant for metrics that are not negative.
///
/// # Numerics
/// The factor is computed from all observations anew, so one call takes a time proportional to their number: observe
/// once an epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Plateau {
    /// What the learning rate is multiplied by, in `(0, 1)`.
    pub factor: f64,
    /// Epochs without improvement before the learning rate is reduced.
    pub patience: usize,
    /// Relative improvement that counts as one, in `[0, 1)`.
    pub threshold: f64,
    /// `min`: lower values of the metric are better; `max`: higher values are.
    pub mode: PlateauMode,
    /// Epochs to wait after a reduction.
    pub cooldown: usize,
    /// The smallest factor on the learning rate, in `[0, 1)`.
    pub min_factor: f64,
}

/// Whether lower or higher values of a metric are better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlateauMode {
    /// Smaller is better: a loss.
    #[default]
    Min,
    /// Larger is better: an accuracy.
    Max,
}

impl Default for Plateau {
    /// PyTorch's values.
    fn default() -> Self {
        Self {
            factor: 0.1,
            patience: 10,
            threshold: 1e-4,
            mode: PlateauMode::Min,
            cooldown: 0,
            min_factor: 0.0,
        }
    }
}

impl Config for Plateau {
    const NAME: &'static str = "plateau";

    fn check(&self) -> Result<()> {
        let Self {
            factor,
            threshold,
            min_factor,
            ..
        } = *self;
        range::open_share("factor", factor)?;
        let unit = 0.0..1.0;
        expect(unit.contains(&threshold), "threshold", "in [0, 1)", threshold)?;
        expect(unit.contains(&min_factor), "min_factor", "in [0, 1)", min_factor)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                factor: 0.5,
                patience: 0,
                threshold: 0.0,
                mode: PlateauMode::Max,
                cooldown: 2,
                min_factor: 0.2,
            },
        ]
    }
}

impl Schedule for Plateau {
    fn factor(&self, at: &At<'_>) -> f64 {
        let start = Progress {
            factor: 1.0,
            best: match self.mode {
                PlateauMode::Min => f64::INFINITY,
                PlateauMode::Max => f64::NEG_INFINITY,
            },
            bad: 0,
            cooldown: 0,
        };
        let after = |progress: Progress, &metric: &f64| self.observe(progress, metric);
        at.observed.iter().fold(start, after).factor
    }

    fn observes(&self) -> bool {
        true
    }
}

/// What is known after some observations.
#[derive(Clone, Copy)]
struct Progress {
    factor: f64,
    best: f64,
    /// Observations in a row without improvement.
    bad: usize,
    /// Observations that are still not counted.
    cooldown: usize,
}

impl Plateau {
    fn improves(&self, metric: f64, best: f64) -> bool {
        match self.mode {
            PlateauMode::Min => metric < best * (1.0 - self.threshold),
            PlateauMode::Max => metric > best * (1.0 + self.threshold),
        }
    }

    fn observe(&self, mut progress: Progress, metric: f64) -> Progress {
        if self.improves(metric, progress.best) {
            (progress.best, progress.bad) = (metric, 0);
        } else {
            progress.bad += 1;
        }
        if progress.cooldown > 0 {
            progress.cooldown -= 1;
            progress.bad = 0;
        }
        if progress.bad > self.patience {
            progress.factor = (progress.factor * self.factor).max(self.min_factor);
            (progress.cooldown, progress.bad) = (self.cooldown, 0);
        }
        progress
    }
}
