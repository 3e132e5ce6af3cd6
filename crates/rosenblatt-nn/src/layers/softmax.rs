//! Softmax as a layer.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Config, Layer, Scope};

/// Softmax over the last axis: positive numbers that add up to 1.
///
/// `y_i = e^(x_i) / Σ_j e^(x_j)`
///
/// # Differences
/// Not for the output of a classifier: [`crate::losses::CrossEntropy`] takes logits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Softmax {}

impl Config for Softmax {
    const NAME: &'static str = "softmax";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Layer for Softmax {
    fn forward<'g>(&self, _scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        x.softmax()
    }
}
