//! Glorot's rule, uniform.

use rosenblatt_tensor::rng::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Init, Initializer, fill_uniform, spread};
use crate::Config;

/// Balances the sizes of activations and of gradients; uniform. Also called Xavier.
///
/// `U(−a, a), a = √(6 / (fan_in + fan_out))`
///
/// # Reference
/// Glorot, Bengio: Understanding the Difficulty of Training Deep Feedforward Neural Networks. AISTATS 2010,
/// equation 16.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GlorotUniform {}

impl Config for GlorotUniform {
    const NAME: &'static str = "glorot_uniform";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Initializer for GlorotUniform {
    fn fill(&self, init: Init, rng: &Rng, values: &mut [f64]) {
        let bound = spread(6.0, init.fan_in() + init.fan_out());
        fill_uniform(rng, -bound, bound, values);
    }
}
