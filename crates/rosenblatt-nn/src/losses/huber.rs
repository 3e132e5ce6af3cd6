//! Huber's loss.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numbers::{self, mean_over_numbers};
use crate::entry::expect;
use crate::{Config, Loss, TargetKind};

/// Huber loss: half the squared error up to `delta`, linear above; the mean over the numbers of a row.
///
/// `loss_i = mean_j h(prediction_ij − target_ij)` with `h(e) = e²/2` for `|e| ≤ δ`, else `δ · (|e| − δ/2)`
///
/// # Shapes
/// - `prediction`: `[batch, numbers]`
/// - `targets`: `[batch, numbers]`, or `[batch]` if there is one number
///
/// # Numerics
/// As `c · (e − c/2)`, where `c` is `e` clamped to `[−δ, δ]`: no error is squared that is larger than `δ`.
///
/// # Reference
/// Huber: Robust Estimation of a Location Parameter. Annals of Mathematical Statistics 35, 1964.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Huber {
    /// Threshold between squared and linear error, above 0, on the scale the network is trained on.
    pub delta: f64,
}

impl Default for Huber {
    /// One standard deviation where targets are standardized.
    fn default() -> Self {
        Self { delta: 1.0 }
    }
}

impl Config for Huber {
    const NAME: &'static str = "huber";

    fn check(&self) -> Result<()> {
        let holds = self.delta > 0.0 && self.delta.is_finite();
        expect(holds, "delta", "to be finite and above 0", self.delta)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { delta: 0.25 }]
    }
}

impl Loss for Huber {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        numbers::outputs(target_kind)
    }

    fn per_example<'g>(&self, prediction: Var<'g>, targets: Var<'g>) -> Var<'g> {
        mean_over_numbers(prediction, targets, |error| {
            let clamped = error.clamp(-self.delta, self.delta);
            clamped * (error - clamped * error.full_like(0.5))
        })
    }
}
