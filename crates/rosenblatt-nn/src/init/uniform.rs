//! A uniform distribution.

use rosenblatt_tensor::Result;
use rosenblatt_tensor::rng::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Initializer, ParameterInfo, fill_uniform};
use crate::Config;
use crate::entry::expect;

/// Uniform between two numbers.
///
/// `U(low, high)`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Uniform {
    /// The least number.
    pub low: f64,
    /// The upper bound, at least `low`.
    pub high: f64,
}

impl Default for Uniform {
    /// Small random weights.
    fn default() -> Self {
        Self { low: -0.05, high: 0.05 }
    }
}

impl Config for Uniform {
    const NAME: &'static str = "uniform";

    fn check(&self) -> Result<()> {
        let finite = self.low.is_finite() && (self.high - self.low).is_finite();
        expect(
            finite && self.low <= self.high,
            "high",
            "to be at least `low`, both finite",
            self.high,
        )
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { low: 1.0, high: 3.0 }]
    }
}

impl Initializer for Uniform {
    fn fill(&self, _parameter: ParameterInfo<'_>, rng: &Rng, values: &mut [f64]) {
        fill_uniform(rng, self.low, self.high, values);
    }
}
