//! The exponential function as a layer.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Config, Layer, Scope};

/// The exponential function, element-wise: the last layer of a network that predicts positive numbers.
///
/// `y = eˣ`
///
/// The losses [`crate::losses::Poisson`] and [`crate::losses::Gamma`] take what is before it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exp {}

impl Config for Exp {
    const NAME: &'static str = "exp";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Layer for Exp {
    fn forward<'g>(&self, _scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        x.exp()
    }
}
