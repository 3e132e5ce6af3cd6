//! Charbonnier loss.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numbers::{self, mean_over_numbers};
use crate::entry::range::above_0;
use crate::{Config, Loss, TargetKind};

/// A smooth absolute error, the mean over the numbers of a row.
///
/// `loss = √(e² + ε²) − ε` with `e = prediction − target`
///
/// # Shapes
/// - `prediction`: `[batch, numbers]`
/// - `targets`: `[batch, numbers]`, or `[batch]` if there is one number
///
/// # Reference
/// Charbonnier, Blanc-Féraud, Aubert, Barlaud: Two Deterministic Half-Quadratic Regularization Algorithms for Computed
/// Imaging. ICIP 1994.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Charbonnier {
    /// Error at which the loss turns from square to absolute, `ε`; above 0.
    pub epsilon: f64,
}

impl Default for Charbonnier {
    fn default() -> Self {
        Self { epsilon: 0.1 }
    }
}

impl Config for Charbonnier {
    const NAME: &'static str = "charbonnier";

    fn check(&self) -> Result<()> {
        above_0("epsilon", self.epsilon)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { epsilon: 2.0 }]
    }
}

impl Loss for Charbonnier {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        numbers::outputs(target_kind)
    }

    fn per_example<'g>(&self, prediction: Var<'g>, targets: Var<'g>) -> Var<'g> {
        mean_over_numbers(prediction, targets, |error| {
            (error * error + self.epsilon * self.epsilon).sqrt() - self.epsilon
        })
    }
}
