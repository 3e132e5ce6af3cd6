//! Perceptron loss of two classes.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::labels::{self, check_classes, mean_over_labels};
use crate::{Config, Loss, TargetKind};

/// Perceptron loss of two classes under one output: only misclassified rows have a loss; of several labels the mean.
///
/// `loss_i = max(0, −t_i · y_i)` with `t_i = 1` for the second class and `−1` for the first; computed as `relu(y_i) − c_i · y_i`
/// with the class `c_i`
///
/// With a linear network, [`crate::optimizers::Sgd`], and one row in a batch, a step is Rosenblatt's rule. The output is a
/// score: its sign is the predicted class, and there are no probabilities.
///
/// # Shapes
/// - `prediction`: scores, `[batch, 1]`, or `[batch, labels]`; a time axis may follow the batch
/// - `targets`: integers 0 or 1, as `prediction`; without the last axis if it is 1
///
/// # Numerics
/// A score of 0 is the first class. There the derivative is that of a misclassified row if the row is of the second class, and
/// 0 if it is of the first: a row has a gradient if and only if its class is not predicted, and a network of zeros learns.
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
        if let Err(error) = check_classes(targets) {
            return scores.fail(error);
        }
        mean_over_labels(scores, targets, |y, class| y.relu() - class.cast(y.dtype()) * y)
    }
}
