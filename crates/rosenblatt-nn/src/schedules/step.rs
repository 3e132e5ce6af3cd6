//! Decay in steps.

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exponential::check_gamma;
use super::{At, Steps};
use crate::{Config, Schedule};

/// Times `gamma` after every so many steps, and the same in between.
///
/// `factor = gamma^⌊step/every⌋`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// How long a factor stays: a share of all steps below 1, else their number.
    pub every: Steps,
    /// What the factor is multiplied by then, in `(0, 1]`.
    pub gamma: f64,
}

impl Default for Step {
    /// A tenth after each three tenths of the run.
    fn default() -> Self {
        Self {
            every: Steps(0.3),
            gamma: 0.1,
        }
    }
}

impl Config for Step {
    const NAME: &'static str = "step";

    fn check(&self) -> Result<()> {
        self.every.check_some("every")?;
        check_gamma(self.gamma)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                every: Steps(4.0),
                gamma: 0.5,
            },
        ]
    }
}

impl Schedule for Step {
    fn factor(&self, at: &At<'_>) -> f64 {
        let drops = at.step / self.every.of(at.total_or_max()).max(1);
        libm::pow(self.gamma, drops as f64)
    }

    fn needs_total(&self) -> bool {
        self.every.is_share()
    }
}
