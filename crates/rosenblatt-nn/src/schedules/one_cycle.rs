//! One cycle: up, then down.

use std::f64::consts::PI;

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{At, Steps};
use crate::entry::expect;
use crate::{Config, Schedule};

/// One cycle, as PyTorch's `OneCycleLR`: the factor rises from `1/div_factor` to 1, then falls to
/// `1/(div_factor · final_div_factor)` at the last step.
///
/// `peak = pct_start · total − 1`; up to it `factor = anneal(1/div_factor → 1, step/peak)`, then
/// `factor = anneal(1 → 1/(div_factor · final_div_factor), (step − peak)/(total − 1 − peak))`, where
/// `anneal(a → b, p)` is `b + (a − b) (1 + cos πp)/2` or `a + (b − a) p`.
///
/// `learning_rate` is that of the peak, PyTorch's `max_lr`.
///
/// # Differences
/// Momentum does not change: PyTorch's `cycle_momentum = false`. After the last step the factor stays.
///
/// # Reference
/// Smith, Topin: Super-Convergence, Very Fast Training of Neural Networks Using Large Learning Rates. 2018.
/// arXiv:1708.07120.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OneCycle {
    /// Steps of the rise: a share of all below 1, else their number.
    pub pct_start: Steps,
    /// The first factor is 1 divided by this, at least 1.
    pub div_factor: f64,
    /// The last factor is the first one divided by this, at least 1.
    pub final_div_factor: f64,
    /// `cos` or `linear`: the shape of rise and fall.
    pub anneal: Anneal,
}

/// The shape of a rise or fall of [`OneCycle`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Anneal {
    /// Half a period of the cosine.
    #[default]
    Cos,
    /// A line.
    Linear,
}

impl Anneal {
    /// From `start` to `end`, at a part of the way.
    fn between(self, start: f64, end: f64, part: f64) -> f64 {
        match self {
            Self::Cos => end + (start - end) / 2.0 * (1.0 + libm::cos(PI * part)),
            Self::Linear => (end - start) * part + start,
        }
    }
}

impl Default for OneCycle {
    /// PyTorch's values.
    fn default() -> Self {
        Self {
            pct_start: Steps(0.3),
            div_factor: 25.0,
            final_div_factor: 1e4,
            anneal: Anneal::Cos,
        }
    }
}

impl Config for OneCycle {
    const NAME: &'static str = "one_cycle";

    fn check(&self) -> Result<()> {
        self.pct_start.check("pct_start")?;
        for (field, divisor) in [
            ("div_factor", self.div_factor),
            ("final_div_factor", self.final_div_factor),
        ] {
            expect(
                divisor >= 1.0 && divisor.is_finite(),
                field,
                "to be at least 1",
                divisor,
            )?;
        }
        Ok(())
    }

    fn examples() -> Vec<Self> {
        let other = Self {
            pct_start: Steps(4.0),
            div_factor: 10.0,
            final_div_factor: 100.0,
            anneal: Anneal::Linear,
        };
        vec![Self::default(), other]
    }
}

impl Schedule for OneCycle {
    fn factor(&self, at: &At<'_>) -> f64 {
        let total = at.total_or_max();
        let (step, last) = (at.step as f64, total.max(1) as f64 - 1.0);
        let first = 1.0 / self.div_factor;
        let peak = (self.pct_start.exactly(total) - 1.0).min(last);
        if step < peak {
            return self.anneal.between(first, 1.0, step / peak);
        }
        // Nothing is left of a run that is no longer than the rise.
        let part = if last > peak {
            (step - peak) / (last - peak)
        } else {
            0.0
        };
        self.anneal.between(1.0, first / self.final_div_factor, part.min(1.0))
    }

    fn needs_total(&self) -> bool {
        true
    }
}
