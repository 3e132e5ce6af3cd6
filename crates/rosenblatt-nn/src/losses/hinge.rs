//! Hinge loss of two classes.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::labels::{self, of_margins};
use crate::{Config, Loss, TargetKind};

/// Hinge loss of two classes under one output, as of a linear support vector machine; of several labels the mean.
///
/// `loss_i = max(0, 1 − t_i · y_i)` with `t_i = 1` for the second class and `−1` for the first
///
/// The output is a score, not a logit: its sign is the predicted class, and there are no probabilities.
///
/// # Shapes
/// - `prediction`: scores, `[batch, 1]`, or `[batch, labels]`; a time axis may follow the batch
/// - `targets`: integers 0 or 1, as `prediction`; without the last axis if it is 1
///
/// # Numerics
/// The derivative where the margin is exactly 1 is 0.
///
/// # Reference
/// Cortes, Vapnik: Support-Vector Networks. Machine Learning 20, 1995.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hinge {}

impl Config for Hinge {
    const NAME: &'static str = "hinge";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Loss for Hinge {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        labels::outputs(target_kind)
    }

    fn check_target(&self, target: f64) -> Result<()> {
        labels::check_label(Self::NAME, target)
    }

    fn per_example<'g>(&self, scores: Var<'g>, targets: Var<'g>) -> Var<'g> {
        of_margins(scores, targets, |margin| (1.0 - margin).relu())
    }
}
