//! Glorot's rule, normal.

use rosenblatt_tensor::rng::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Init, Initializer, fill_normal, spread};
use crate::Config;

/// Balances the sizes of activations and of gradients; normal. Also called Xavier.
///
/// `N(0, 2 / (fan_in + fan_out))`
///
/// # Reference
/// Glorot, Bengio: Understanding the Difficulty of Training Deep Feedforward Neural Networks. AISTATS 2010,
/// equation 12.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GlorotNormal {}

impl Config for GlorotNormal {
    const NAME: &'static str = "glorot_normal";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Initializer for GlorotNormal {
    fn fill(&self, init: Init, rng: &Rng, values: &mut [f64]) {
        fill_normal(rng, spread(2.0, init.fan_in() + init.fan_out()), values);
    }
}
