//! Cross-entropy of classes.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;
use crate::{Config, Goal, Loss};

/// Cross-entropy of class indices under a softmax; with smoothing, of the right class mixed with all classes alike.
///
/// `loss_i = −(1 − ε) · log softmax(logits_i)[targets_i] − ε · mean_j log softmax(logits_i)[j]`, with `ε` the smoothing
///
/// # Shapes
/// - `prediction`: logits, `[batch, classes]`
/// - `targets`: `[batch]`, integers below `classes`
///
/// # Numerics
/// Logits of any size are safe. Never pass probabilities. Without smoothing its terms are not computed at all.
///
/// # Reference
/// Szegedy, Vanhoucke, Ioffe, Shlens, Wojna: Rethinking the Inception Architecture for Computer Vision. CVPR 2016,
/// section 7.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CrossEntropy {
    /// The share of the target that is spread over all classes, in `[0, 1)`.
    pub label_smoothing: f64,
}

impl Config for CrossEntropy {
    const NAME: &'static str = "cross_entropy";

    fn check(&self) -> Result<()> {
        let share = self.label_smoothing;
        expect((0.0..1.0).contains(&share), "label_smoothing", "in [0, 1)", share)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { label_smoothing: 0.1 }]
    }
}

impl Loss for CrossEntropy {
    fn outputs(&self, goal: Goal) -> Option<usize> {
        match goal {
            Goal::Classes(classes) => Some(classes),
            Goal::Numbers(_) => None,
        }
    }

    fn per_example<'g>(&self, logits: Var<'g>, targets: Var<'g>) -> Var<'g> {
        let plain = logits.softmax_cross_entropy(targets);
        let share = self.label_smoothing;
        if share == 0.0 {
            return plain;
        }
        let of_all = -logits.log_softmax().mean(&[-1], false);
        plain * plain.full_like(1.0 - share) + of_all * plain.full_like(share)
    }
}
