//! A normal distribution.

use rosenblatt_tensor::Result;
use rosenblatt_tensor::rng::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Initializer, ParameterInfo, fill_normal};
use crate::Config;
use crate::entry::range;

/// Normal with mean 0.
///
/// `N(0, std²)`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Normal {
    /// Standard deviation, at least 0.
    pub std: f64,
}

impl Default for Normal {
    /// Small random weights.
    fn default() -> Self {
        Self { std: 0.01 }
    }
}

impl Config for Normal {
    const NAME: &'static str = "normal";

    fn check(&self) -> Result<()> {
        range::at_least_0("std", self.std)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { std: 2.0 }]
    }
}

impl Initializer for Normal {
    fn fill(&self, _parameter: ParameterInfo<'_>, rng: &Rng, values: &mut [f64]) {
        fill_normal(rng, self.std, values);
    }
}
