//! Gated linear unit with ReLU.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gate::gated;
use crate::{Config, Layer, Scope};

/// Gated linear unit with ReLU: one half of the features decides how much of the other passes.
///
/// `y = a · relu(b)`, where `a` is the first half of the features and `b` the second
///
/// # Shapes
/// - `x`: `[..., 2 · features]`
/// - `y`: `[..., features]`
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the number of features is odd.
///
/// # Differences
/// The gate is the second half, as in [`super::Glu`]; some networks store the gate first.
///
/// # Reference
/// Shazeer: GLU Variants Improve Transformer. 2020. arXiv:2002.05202.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reglu {}

impl Config for Reglu {
    const NAME: &'static str = "reglu";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Layer for Reglu {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        gated(scope, x, Var::relu)
    }

    fn inputs_per_output(&self) -> usize {
        2
    }
}
