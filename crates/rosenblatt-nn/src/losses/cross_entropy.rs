//! Cross-entropy of classes.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;
use crate::{Config, Link, Loss, TargetKind};

/// Cross-entropy of classes under a softmax; with smoothing, of the target mixed with all classes alike.
///
/// `loss_i = −(1 − ε) · log softmax(logits_i)[targets_i] − ε · mean_j log softmax(logits_i)[j]`, with `ε` the smoothing
///
/// For targets that are probabilities the first term is `−(1 − ε) · Σ_j targets_ij · log softmax(logits_i)[j]`.
///
/// # Shapes
/// - `prediction`: logits, `[batch, classes]`, or `[batch, time, classes]`
/// - `targets`: classes, integers, `[batch]` or `[batch, time]`; or the probability of each class, floating point, as
///   `prediction`
///
/// # Numerics
/// Logits of any size are safe. The prediction is never a probability: see [`Loss::link`]. Without smoothing its terms are not computed at all.
///
/// # Reference
/// Szegedy, Vanhoucke, Ioffe, Shlens, Wojna: Rethinking the Inception Architecture for Computer Vision. CVPR 2016,
/// section 7.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CrossEntropy {
    /// Amount of label smoothing, in `[0, 1)`.
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
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        match target_kind {
            TargetKind::Classes(classes) => Some(classes),
            TargetKind::Values(_) => None,
        }
    }

    fn link(&self) -> Link {
        Link::Softmax
    }

    fn per_example<'g>(&self, logits: Var<'g>, targets: Var<'g>) -> Var<'g> {
        let of_targets = if targets.dtype().is_float() {
            of_probabilities(logits, targets)
        } else {
            of_classes(logits, targets)
        };
        let share = self.label_smoothing;
        if share == 0.0 {
            return of_targets;
        }
        let of_all = -logits.log_softmax().mean(&[-1], false);
        of_targets * of_targets.full_like(1.0 - share) + of_all * of_targets.full_like(share)
    }
}

/// `−log softmax(logits)[target]`.
fn of_classes<'g>(logits: Var<'g>, targets: Var<'g>) -> Var<'g> {
    let (shape, given) = (logits.shape(), targets.shape());
    match *shape {
        [ref leading @ .., classes] if leading.len() > 1 && *leading == given[..] => {
            let examples = leading.iter().product();
            let losses = logits
                .reshape(&[examples, classes])
                .softmax_cross_entropy(targets.reshape(&[examples]));
            losses.reshape(leading)
        }
        // With the messages of the op.
        _ => logits.softmax_cross_entropy(targets),
    }
}

/// `−Σ_j target_j · log softmax(logits)_j`.
fn of_probabilities<'g>(logits: Var<'g>, targets: Var<'g>) -> Var<'g> {
    let (shape, given) = (logits.shape(), targets.shape());
    if shape != given {
        let message = format!(
            "expected probabilities {shape:?}, as the logits, or integer classes, got {:?}",
            targets.ty()
        );
        return logits.fail(Error::shape(message).within("targets"));
    }
    -(targets.cast(logits.dtype()) * logits.log_softmax()).sum(&[-1], false)
}
