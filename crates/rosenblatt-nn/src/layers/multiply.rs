//! The product of several inputs.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::merge::fold;
use crate::{Config, Layer, Scope};

/// The product of its inputs, element by element: a gate, for example.
///
/// `y = x₀ · x₁ · …`
///
/// # Shapes
/// - `xᵢ`: of equal rank; a size of 1 is stretched to that of the others
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for shapes of different ranks, as [`super::Add`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Multiply {}

impl Config for Multiply {
    const NAME: &'static str = "multiply";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Layer for Multiply {
    fn forward<'g>(&self, _scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        x
    }

    fn join<'g>(&self, scope: &Scope<'g>, xs: &[Var<'g>]) -> Var<'g> {
        fold(scope, xs, |product, x| product * x)
    }
}
