//! Mean absolute error.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numbers::{self, mean_over_numbers};
use crate::{Config, Loss, TargetKind};

/// Absolute error, the mean over the numbers of a row: large errors count less than with [`super::Mse`].
///
/// `loss_i = mean_j |prediction_ij − target_ij|`
///
/// # Shapes
/// - `prediction`: `[batch, numbers]`
/// - `targets`: `[batch, numbers]`, or `[batch]` if there is one number
///
/// # Numerics
/// The derivative where both are equal is 0, as in PyTorch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mae {}

impl Config for Mae {
    const NAME: &'static str = "mae";
    const ALIASES: &'static [&'static str] = &["mean_absolute_error"];

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Loss for Mae {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        numbers::outputs(target_kind)
    }

    fn per_example<'g>(&self, prediction: Var<'g>, targets: Var<'g>) -> Var<'g> {
        mean_over_numbers(prediction, targets, Var::abs)
    }
}
