//! He's rule, uniform.

use rosenblatt_tensor::rng::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Init, Initializer, fill_uniform, spread};
use crate::Config;

/// Keeps the size of activations through layers with ReLU; uniform.
///
/// `U(−a, a), a = √(6 / fan_in)`
///
/// # Reference
/// He, Zhang, Ren, Sun: Delving Deep into Rectifiers. ICCV 2015. arXiv:1502.01852, equation 10.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeUniform {}

impl Config for HeUniform {
    const NAME: &'static str = "he_uniform";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Initializer for HeUniform {
    fn fill(&self, init: Init, rng: &Rng, values: &mut [f64]) {
        let bound = spread(6.0, init.fan_in());
        fill_uniform(rng, -bound, bound, values);
    }
}
