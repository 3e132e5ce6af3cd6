//! Cross-entropy of classes.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Goal, Loss, Settings};

/// Cross-entropy of class indices under a softmax.
///
/// `loss_i = −log softmax(logits_i)[targets_i]`
///
/// # Shapes
/// - `prediction`: logits, `[batch, classes]`
/// - `targets`: `[batch]`, integers below `classes`
///
/// # Numerics
/// Logits of any size are safe. Never pass probabilities.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrossEntropy {}

impl Settings for CrossEntropy {
    const NAME: &'static str = "cross_entropy";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Loss for CrossEntropy {
    fn outputs(&self, goal: Goal) -> Option<usize> {
        match goal {
            Goal::Classes(classes) => Some(classes),
            Goal::Numbers(_) => None,
        }
    }

    fn rows<'g>(&self, logits: Var<'g>, targets: Var<'g>) -> Var<'g> {
        logits.softmax_cross_entropy(targets)
    }
}
