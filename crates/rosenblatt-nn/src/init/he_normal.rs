//! He's rule, normal.

use rosenblatt_tensor::rng::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Init, Initializer, fill_normal, spread};
use crate::Config;

/// Keeps the size of activations through layers with ReLU; normal.
///
/// `N(0, 2 / fan_in)`
///
/// # Reference
/// He, Zhang, Ren, Sun: Delving Deep into Rectifiers. ICCV 2015. arXiv:1502.01852, equation 10.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeNormal {}

impl Config for HeNormal {
    const NAME: &'static str = "he_normal";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Initializer for HeNormal {
    fn fill(&self, init: Init, rng: &Rng, values: &mut [f64]) {
        fill_normal(rng, spread(2.0, init.fan_in()), values);
    }
}
