//! Cosine annealing with restarts.

use std::f64::consts::PI;

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{At, Steps};
use crate::entry::expect;
use crate::{Config, Schedule};

/// Cosine annealing with warm restarts, as PyTorch's `CosineAnnealingWarmRestarts`.
///
/// `factor = final + (1 − final) · (1 + cos(π s/n)) / 2`, with `s` of the `n` steps of this period done. The first period has
/// `n = period` steps (`T_0`), and each further one `multiply` times as many as the one before (`T_mult`).
///
/// # Reference
/// Loshchilov, Hutter: SGDR, Stochastic Gradient Descent with Warm Restarts. ICLR 2017. arXiv:1608.03983, equation 5.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CosineRestarts {
    /// Steps of the first period, `T_0`: a share of all below 1, else their number; at least one.
    pub period: Steps,
    /// How many times longer each period is than the one before, `T_mult`, at least 1.
    pub multiply: u64,
    /// The factor at the end of a period, in `[0, 1]`.
    pub r#final: f64,
}

impl Default for CosineRestarts {
    /// Four periods of equal length.
    fn default() -> Self {
        Self {
            period: Steps(0.25),
            multiply: 1,
            r#final: 0.0,
        }
    }
}

impl Config for CosineRestarts {
    const NAME: &'static str = "cosine_restarts";

    fn check(&self) -> Result<()> {
        self.period.check_some("period")?;
        expect(self.multiply >= 1, "multiply", "to be at least 1", self.multiply)?;
        expect((0.0..=1.0).contains(&self.r#final), "final", "in [0, 1]", self.r#final)
    }

    fn examples() -> Vec<Self> {
        let other = Self {
            period: Steps(3.0),
            multiply: 2,
            r#final: 0.1,
        };
        vec![Self::default(), other]
    }
}

impl Schedule for CosineRestarts {
    fn factor(&self, at: &At<'_>) -> f64 {
        let (mut step, mut period) = (at.step, self.period.of(at.total_or_max()).max(1));
        if self.multiply <= 1 {
            step %= period;
        }
        // Periods at least double here: there are at most 64.
        while step >= period {
            step -= period;
            period = period.saturating_mul(self.multiply);
        }
        let progress = step as f64 / period as f64;
        self.r#final + (1.0 - self.r#final) * (1.0 + libm::cos(PI * progress)) / 2.0
    }

    fn needs_total(&self) -> bool {
        self.period.is_share()
    }
}
