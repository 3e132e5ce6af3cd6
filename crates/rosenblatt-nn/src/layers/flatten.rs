//! Rows of any shape as rows of numbers.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Error;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Config, Layer, Scope};

/// Joins all axes but the first; no element moves.
///
/// # Shapes
/// - `x`: `[batch, ...]`
/// - `y`: `[batch, features]`, where `features` is the product of the other sizes
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flatten {}

impl Config for Flatten {
    const NAME: &'static str = "flatten";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Layer for Flatten {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        match x.shape().split_first() {
            Some((&batch, rest)) => x.reshape(&[batch, rest.iter().product()]),
            None => scope.fail(Error::shape("expected a batch axis, got a single number")),
        }
    }
}
