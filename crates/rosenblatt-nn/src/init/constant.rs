//! The same number everywhere.

use rosenblatt_tensor::Result;
use rosenblatt_tensor::rng::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Initializer, ParameterInfo};
use crate::Config;
use crate::entry::expect;

/// The same number everywhere.
///
/// `value`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// The number; finite.
    pub value: f64,
}

impl Config for Constant {
    const NAME: &'static str = "constant";

    fn check(&self) -> Result<()> {
        expect(self.value.is_finite(), "value", "to be finite", self.value)
    }

    fn examples() -> Vec<Self> {
        vec![Self { value: 0.5 }]
    }
}

impl Initializer for Constant {
    fn fill(&self, _parameter: ParameterInfo<'_>, _rng: &Rng, values: &mut [f64]) {
        values.fill(self.value);
    }
}
