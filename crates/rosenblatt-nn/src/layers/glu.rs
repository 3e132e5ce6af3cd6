//! Gated linear unit.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gate::gated;
use crate::{Config, Layer, Scope};

/// Gated linear unit: one half of the features decides how much of the other passes.
///
/// `y = a · σ(b)`, where `a` is the first half of the features and `b` the second
///
/// # Shapes
/// - `x`: `[..., 2 · features]`
/// - `y`: `[..., features]`
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the number of features is odd.
///
/// # Differences
/// None from PyTorch's `GLU` over the last axis.
///
/// # Reference
/// Dauphin, Fan, Auli, Grangier: Language Modeling with Gated Convolutional Networks. ICML 2017. arXiv:1612.08083.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Glu {}

impl Config for Glu {
    const NAME: &'static str = "glu";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Layer for Glu {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        gated(scope, x, Var::sigmoid)
    }

    fn inputs_per_output(&self) -> usize {
        2
    }
}
