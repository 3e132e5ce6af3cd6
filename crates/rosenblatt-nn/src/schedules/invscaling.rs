//! Inverse scaling.

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::At;
use crate::entry::range::at_least_0;
use crate::{Config, Schedule};

/// Inverse scaling, by scikit-learn's name: the learning rate is divided by a power of the number of the step.
///
/// `factor = 1 / (step + 1)^power_t`
///
/// This is `eta0 / pow(t, power_t)` with `t` counted from 1.
///
/// # Differences
/// scikit-learn's `SGDClassifier` and `SGDRegressor` count single rows as steps. Its `MLPClassifier` and `MLPRegressor` count
/// rows too, and change the learning rate at the end of an epoch only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InvScaling {
    /// Exponent, at least 0.
    pub power_t: f64,
}

impl Default for InvScaling {
    /// The value of scikit-learn's `MLPClassifier`.
    fn default() -> Self {
        Self { power_t: 0.5 }
    }
}

impl Config for InvScaling {
    const NAME: &'static str = "invscaling";

    fn check(&self) -> Result<()> {
        at_least_0("power_t", self.power_t)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { power_t: 0.25 }]
    }
}

impl Schedule for InvScaling {
    fn factor(&self, at: &At<'_>) -> f64 {
        libm::pow(at.step as f64 + 1.0, -self.power_t)
    }
}
