//! The layer that does nothing.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Config, Layer, Scope};

/// The input itself.
///
/// `y = x`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {}

impl Config for Identity {
    const NAME: &'static str = "identity";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Layer for Identity {
    fn forward<'g>(&self, _scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        x
    }
}
