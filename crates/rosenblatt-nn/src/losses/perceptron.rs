//! Perceptron loss of two classes.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::labels::{self, of_margins};
use crate::{Config, Loss, TargetKind};

/// Perceptron loss of two classes under one output: only misclassified rows have a loss; of several labels the mean.
///
/// `loss_i = max(0, −t_i · y_i)` with `t_i = 1` for the second class and `−1` for the first
///
/// With a linear network, [`crate::optimizers::Sgd`], and one row in a batch, a step is Rosenblatt's rule. The output is a
/// score: its sign is the predicted class, and there are no probabilities.
///
/// # Shapes
/// - `prediction`: scores, `[batch, 1]`, or `[batch, labels]`; a time axis may follow the batch
/// - `targets`: integers 0 or 1, as `prediction`; without the last axis if it is 1
///
/// # Numerics
/// The derivative at a score of 0 is 0: a network of zeros does not learn. Other initial values, or [`super::Hinge`], do.
///
/// # Reference
/// Rosenblatt: The Perceptron: A Probabilistic Model for Information Storage and Organization in the Brain. Psychological
/// Review 65, 1958.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Perceptron {}

impl Config for Perceptron {
    const NAME: &'static str = "perceptron";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Loss for Perceptron {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        labels::outputs(target_kind)
    }

    fn check_target(&self, target: f64) -> Result<()> {
        labels::check_label(Self::NAME, target)
    }

    fn per_example<'g>(&self, scores: Var<'g>, targets: Var<'g>) -> Var<'g> {
        of_margins(scores, targets, |margin| (-margin).relu())
    }
}
