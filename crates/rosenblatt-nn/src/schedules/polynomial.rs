//! Polynomial decay.

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::At;
use crate::entry::expect;
use crate::entry::range::above_0;
use crate::{Config, Schedule};

/// Polynomial decay from 1 down to `final`, as PyTorch's `PolynomialLR` over the whole run.
///
/// `factor = final + (1 − final) · (1 − step/total)^power`
///
/// A power of 1 is linear decay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Polynomial {
    /// Exponent, above 0.
    pub power: f64,
    /// The factor that is reached when all steps are done, in `[0, 1]`.
    pub r#final: f64,
}

impl Default for Polynomial {
    /// PyTorch's values.
    fn default() -> Self {
        Self {
            power: 1.0,
            r#final: 0.0,
        }
    }
}

impl Config for Polynomial {
    const NAME: &'static str = "polynomial";

    fn check(&self) -> Result<()> {
        above_0("power", self.power)?;
        expect((0.0..=1.0).contains(&self.r#final), "final", "in [0, 1]", self.r#final)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                power: 2.0,
                r#final: 0.1,
            },
        ]
    }
}

impl Schedule for Polynomial {
    fn factor(&self, at: &At<'_>) -> f64 {
        let total = at.total_or_max();
        let progress = at.step.min(total) as f64 / total.max(1) as f64;
        self.r#final + (1.0 - self.r#final) * libm::pow(1.0 - progress, self.power)
    }

    fn needs_total(&self) -> bool {
        true
    }
}
