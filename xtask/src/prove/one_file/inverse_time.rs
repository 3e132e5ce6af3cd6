//! Inverse time decay.

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::At;
use crate::entry::range::above_0;
use crate::{Config, Schedule};

/// Inverse time decay.
///
/// `factor = 1 / (1 + decay · step/steps)`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InverseTime {
    /// One less than how many times smaller the learning rate is at the end; above 0.
    pub decay: f64,
}

impl Default for InverseTime {
    fn default() -> Self {
        Self { decay: 1.0 }
    }
}

impl Config for InverseTime {
    const NAME: &'static str = "inverse_time";

    fn check(&self) -> Result<()> {
        above_0("decay", self.decay)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { decay: 9.0 }]
    }
}

impl Schedule for InverseTime {
    fn factor(&self, at: &At<'_>) -> f64 {
        1.0 / (1.0 + self.decay * at.step as f64 / at.total_or_max().max(1) as f64)
    }

    fn needs_total(&self) -> bool {
        true
    }
}
