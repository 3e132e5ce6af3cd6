//! Quantile loss.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numbers::{self, mean_over_numbers};
use crate::entry::range;
use crate::{Config, Loss, TargetKind};

/// Quantile (pinball) loss: the prediction is a quantile of the target; the mean over the numbers of a row.
///
/// `loss_i = mean_j (q · max(0, target_ij − prediction_ij) + (1 − q) · max(0, prediction_ij − target_ij))`
///
/// With `q = 0.9`, nine of ten targets are below their predictions once it is smallest; with `q = 0.5` it is half of
/// [`super::Mae`]. Standardized targets change nothing but the unit of the loss.
///
/// # Shapes
/// - `prediction`: `[batch, numbers]`
/// - `targets`: `[batch, numbers]`, or `[batch]` if there is one number
///
/// # Numerics
/// The derivative where both are equal is 0.
///
/// # Reference
/// Koenker, Bassett: Regression Quantiles. Econometrica 46, 1978.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Quantile {
    /// Quantile that is predicted, in `(0, 1)`.
    pub quantile: f64,
}

impl Default for Quantile {
    /// The median.
    fn default() -> Self {
        Self { quantile: 0.5 }
    }
}

impl Config for Quantile {
    const NAME: &'static str = "quantile";
    const ALIASES: &'static [&'static str] = &["pinball"];

    fn check(&self) -> Result<()> {
        let q = self.quantile;
        range::open_share("quantile", q)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { quantile: 0.9 }]
    }
}

impl Loss for Quantile {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        numbers::outputs(target_kind)
    }

    fn per_example<'g>(&self, prediction: Var<'g>, targets: Var<'g>) -> Var<'g> {
        let q = self.quantile;
        mean_over_numbers(prediction, targets, |error| {
            (-error).relu() * q + error.relu() * (1.0 - q)
        })
    }
}
