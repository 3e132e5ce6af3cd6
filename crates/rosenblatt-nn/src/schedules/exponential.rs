//! Exponential decay.

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{At, Steps};
use crate::entry::expect;
use crate::{Config, Schedule};

/// Times `gamma` over every so many steps, little by little.
///
/// `factor = gamma^(step/every)`
///
/// A share of a run is not rounded to whole steps, so a short run ends where a long one does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Exponential {
    /// Over how many steps: a share of all steps below 1, else their number.
    pub every: Steps,
    /// What the factor is multiplied by over them, in `(0, 1]`.
    pub gamma: f64,
}

impl Default for Exponential {
    /// Down to six thousandths at the end of the run.
    fn default() -> Self {
        Self {
            every: Steps(0.01),
            gamma: 0.95,
        }
    }
}

impl Config for Exponential {
    const NAME: &'static str = "exponential";

    fn check(&self) -> Result<()> {
        self.every.check_some("every")?;
        check_gamma(self.gamma)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                every: Steps(1.0),
                gamma: 0.9,
            },
        ]
    }
}

impl Schedule for Exponential {
    fn factor(&self, at: &At<'_>) -> f64 {
        libm::pow(self.gamma, at.step as f64 / self.every.exactly(at.total_or_max()))
    }

    fn needs_total(&self) -> bool {
        self.every.is_share()
    }
}

/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if it is not in `(0, 1]`: rates neither grow nor end at once.
pub(super) fn check_gamma(gamma: f64) -> Result<()> {
    expect(gamma > 0.0 && gamma <= 1.0, "gamma", "in (0, 1]", gamma)
}
