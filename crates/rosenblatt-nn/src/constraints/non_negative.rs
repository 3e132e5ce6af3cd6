//! Values that are not negative.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Config, Constraint};

/// No value is negative.
///
/// `θ ← max(θ, 0)`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NonNegative {}

impl Config for NonNegative {
    const NAME: &'static str = "non_negative";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Constraint for NonNegative {
    fn project<'g>(&self, theta: Var<'g>) -> Var<'g> {
        theta.relu()
    }
}
