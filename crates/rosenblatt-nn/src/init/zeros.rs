//! All zeros.

use rosenblatt_tensor::rng::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Initializer, ParameterInfo};
use crate::Config;

/// All zeros: for biases. Weights that are all alike never separate.
///
/// `0`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Zeros {}

impl Config for Zeros {
    const NAME: &'static str = "zeros";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Initializer for Zeros {
    fn fill(&self, _parameter: ParameterInfo<'_>, _rng: &Rng, values: &mut [f64]) {
        values.fill(0.0);
    }
}
