//! Logarithm of softmax as a layer.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Config, Layer, Scope};

/// Logarithm of softmax over the last axis: log-probabilities.
///
/// `y_i = x_i − ln Σ_j e^(x_j)`
///
/// # Numerics
/// Not the logarithm of a softmax, which would be −∞ where the softmax underflows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogSoftmax {}

impl Config for LogSoftmax {
    const NAME: &'static str = "log_softmax";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Layer for LogSoftmax {
    fn forward<'g>(&self, _scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        x.log_softmax()
    }
}
