//! No change.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::At;
use crate::{Config, Schedule};

/// The same learning rate at every step.
///
/// `factor = 1`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constant {}

impl Config for Constant {
    const NAME: &'static str = "constant";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Schedule for Constant {
    fn factor(&self, _at: &At<'_>) -> f64 {
        1.0
    }
}
