//! Mean squared error.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numbers::{self, mean_over_numbers};
use crate::{Config, Loss, TargetKind};

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
    const ALIASES: &'static [&'static str] = &["mean_squared_error"];

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Loss for Mse {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        numbers::outputs(target_kind)
    }

    fn per_example<'g>(&self, prediction: Var<'g>, targets: Var<'g>) -> Var<'g> {
        mean_over_numbers(prediction, targets, |error| error * error)
    }
}
