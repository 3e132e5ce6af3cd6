//! PyTorch's rule for fully connected layers.

use rosenblatt_tensor::rng::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Init, Initializer, fill_uniform, spread};
use crate::Config;

/// What PyTorch's `Linear` begins with, for weights and for biases.
///
/// `U(−a, a), a = 1 / √fan_in`
///
/// # Reference
/// LeCun, Bottou, Orr, Müller: Efficient BackProp. 1998, section 4.6, has the same scaling with another factor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FanInUniform {}

impl Config for FanInUniform {
    const NAME: &'static str = "fan_in_uniform";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Initializer for FanInUniform {
    fn fill(&self, init: Init, rng: &Rng, values: &mut [f64]) {
        let bound = spread(1.0, init.fan_in());
        fill_uniform(rng, -bound, bound, values);
    }
}
