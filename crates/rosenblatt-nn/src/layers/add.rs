//! The sum of several inputs.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::merge::fold;
use crate::{Config, Layer, Scope};

/// The sum of its inputs, element by element: a residual connection, for example.
///
/// `y = x₀ + x₁ + …`
///
/// # Shapes
/// - `xᵢ`: of equal rank; a size of 1 is stretched to that of the others
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for shapes of different ranks: `[batch]` and `[batch, 1]` would give
/// `[batch, batch]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Add {}

impl Config for Add {
    const NAME: &'static str = "add";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Layer for Add {
    fn forward<'g>(&self, _scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        x
    }

    fn join<'g>(&self, scope: &Scope<'g>, xs: &[Var<'g>]) -> Var<'g> {
        fold(scope, xs, |sum, x| sum + x)
    }
}
