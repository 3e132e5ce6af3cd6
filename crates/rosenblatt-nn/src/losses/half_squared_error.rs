//! Half the squared error.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numbers::{self, sum_over_numbers};
use crate::{Config, Loss, TargetKind};

/// Half the squared Euclidean distance of a row from its target: the sum over its numbers, whose gradient is the error.
///
/// `loss_i = ½ ‖prediction_i − target_i‖²`
///
/// Half of [`super::Mse`] times the count of numbers in a row.
///
/// # Shapes
/// - `prediction`: `[batch, numbers]`
/// - `targets`: `[batch, numbers]`, or `[batch]` if there is one number
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HalfSquaredError {}

impl Config for HalfSquaredError {
    const NAME: &'static str = "half_squared_error";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Loss for HalfSquaredError {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        numbers::outputs(target_kind)
    }

    fn per_example<'g>(&self, prediction: Var<'g>, targets: Var<'g>) -> Var<'g> {
        sum_over_numbers(prediction, targets, |error| error * error * 0.5)
    }
}
