//! Mean squared error.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numbers::{self, mean_over_numbers};
use crate::{Config, Goal, Loss};

/// Squared error, the mean over the numbers of a row.
///
/// `loss_i = mean_j (prediction_ij − target_ij)²`
///
/// # Shapes
/// - `prediction`: `[batch, numbers]`
/// - `targets`: `[batch, numbers]`, or `[batch]` if there is one number
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mse {}

impl Config for Mse {
    const NAME: &'static str = "mse";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Loss for Mse {
    fn outputs(&self, goal: Goal) -> Option<usize> {
        numbers::outputs(goal)
    }

    fn per_example<'g>(&self, prediction: Var<'g>, targets: Var<'g>) -> Var<'g> {
        mean_over_numbers(prediction, targets, |error| error * error)
    }
}
