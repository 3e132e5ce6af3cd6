//! Cross-entropy of classes.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::classes::{self, of_classes};
use crate::entry::range;
use crate::{Config, Link, Loss, TargetKind};

/// Cross-entropy of classes under a softmax; with smoothing, of the target mixed with all classes alike.
///
/// `loss_i = −(1 − ε) · log softmax(logits_i)[targets_i] − ε · mean_j log softmax(logits_i)[j]`, with `ε` the smoothing
///
/// For targets that are probabilities the first term is `−(1 − ε) · Σ_j targets_ij · log softmax(logits_i)[j]`. A row or time step
/// whose integer class is `ignore_index` has loss 0, and a mean is over the others: see [`Loss::ignore_index`].
///
/// # Shapes
/// - `prediction`: logits, `[batch, classes]`, or `[batch, time, classes]`
/// - `targets`: classes, integers, `[batch]` or `[batch, time]`; or the probability of each class, floating point, as
///   `prediction`
///
/// # Numerics
/// Logits of any size are safe. The prediction is never a probability: see [`Loss::link`]. Without smoothing its terms are not computed at all.
///
/// # Differences
/// As PyTorch's `CrossEntropyLoss`, where class weights are given to the training instead; PyTorch ignores class −100 by default,
/// and its mean over no row is NaN, here 0.
///
/// # Reference
/// Szegedy, Vanhoucke, Ioffe, Shlens, Wojna: Rethinking the Inception Architecture for Computer Vision. CVPR 2016,
/// section 7.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CrossEntropy {
    /// Integer class whose rows, or time steps, count neither in the loss nor in its mean; it need not exist: −100 is usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_index: Option<i64>,
    /// Amount of label smoothing, in `[0, 1)`.
    pub label_smoothing: f64,
}

impl Config for CrossEntropy {
    const NAME: &'static str = "cross_entropy";
    const ALIASES: &'static [&'static str] = &[
        "categorical_crossentropy",
        "log_loss",
        "sparse_categorical_crossentropy",
    ];
    const MAIN_SETTING: Option<&'static str> = Some("label_smoothing");

    fn check(&self) -> Result<()> {
        let share = self.label_smoothing;
        range::share("label_smoothing", share)
    }

    fn examples() -> Vec<Self> {
        let (ignore_index, label_smoothing) = (Some(-100), 0.1);
        vec![
            Self::default(),
            Self {
                label_smoothing,
                ..Self::default()
            },
            Self {
                ignore_index,
                label_smoothing,
            },
        ]
    }
}

impl Loss for CrossEntropy {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        classes::outputs(target_kind)
    }

    fn ignore_index(&self) -> Option<i64> {
        self.ignore_index
    }

    fn link(&self) -> Link {
        Link::Softmax
    }

    fn per_example<'g>(&self, logits: Var<'g>, targets: Var<'g>) -> Var<'g> {
        if targets.dtype().is_float() {
            return self.smoothed(of_probabilities(logits, targets), logits);
        }
        let Some(ignored) = self.ignore_index else {
            return self.smoothed(of_classes(logits, targets, Var::softmax_cross_entropy), logits);
        };
        let is_ignored = targets.eq(targets.full_like(ignored as f64));
        // Any class will do: its loss is not used.
        let classes = is_ignored.select(targets.full_like(0.0), targets);
        let losses = self.smoothed(of_classes(logits, classes, Var::softmax_cross_entropy), logits);
        is_ignored.select(losses.full_like(0.0), losses)
    }
}

impl CrossEntropy {
    /// The loss of the targets mixed with that of all classes alike.
    fn smoothed<'g>(&self, of_targets: Var<'g>, logits: Var<'g>) -> Var<'g> {
        let share = self.label_smoothing;
        if share == 0.0 {
            return of_targets;
        }
        let of_all = -logits.log_softmax().mean(&[-1], false);
        of_targets * of_targets.full_like(1.0 - share) + of_all * of_targets.full_like(share)
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
