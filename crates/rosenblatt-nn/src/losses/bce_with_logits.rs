//! Cross-entropy of two classes under one output, or of several labels.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::labels::{self, mean_over_labels, softplus};
use crate::entry::{expect, range};
use crate::{Config, Link, Loss, TargetKind};

/// Binary cross-entropy: each output is the logit of a binary label, such as the second of two classes. With
/// several outputs (multi-label classification) the mean over them.
///
/// `loss_i = mean_j −w · y′_ij · ln σ(x_ij) − (1 − y′_ij) · ln(1 − σ(x_ij))` with `y′ = (1 − ε) · y + ε/2`, `w` the weight
/// of "yes" and `ε` the smoothing
///
/// Without smoothing it is the logistic loss of the margin, `ln(1 + e^(−t·x))` with `t = ±1`: there is no `logistic` loss besides it.
///
/// # Shapes
/// - `prediction`: logits, `[batch, 1]`, or `[batch, labels]`; a time axis may follow the batch
/// - `targets`: integers 0 or 1, or probabilities, as `prediction`; without the last axis if it is 1
///
/// # Numerics
/// As `softplus(±x)`: no term cancels another, so the loss of a row that is nearly certain keeps its digits, and logits of any
/// size are safe. Beyond `|x| = 69` (f64: 623) a row that is right has the loss of that logit and no gradient: the powers
/// would become subnormal numbers.
///
/// # Differences
/// PyTorch's `BCEWithLogitsLoss` has no smoothing and takes no integers; Keras' `BinaryCrossentropy` smooths alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BceWithLogits {
    /// Amount of label smoothing, in `[0, 1)`.
    pub label_smoothing: f64,
    /// Weight of the positive (second) class, above 0.
    pub pos_weight: f64,
}

impl Default for BceWithLogits {
    /// Neither smoothing nor weight.
    fn default() -> Self {
        Self {
            label_smoothing: 0.0,
            pos_weight: 1.0,
        }
    }
}

impl Config for BceWithLogits {
    const NAME: &'static str = "bce_with_logits";
    const ALIASES: &'static [&'static str] = &["binary_crossentropy"];

    fn check(&self) -> Result<()> {
        let (share, weight) = (self.label_smoothing, self.pos_weight);
        range::share("label_smoothing", share)?;
        expect(
            weight > 0.0 && weight.is_finite(),
            "pos_weight",
            "to be finite and above 0",
            weight,
        )
    }

    fn examples() -> Vec<Self> {
        let (label_smoothing, pos_weight) = (0.1, 2.5);
        vec![
            Self::default(),
            Self {
                label_smoothing,
                ..Self::default()
            },
            Self {
                pos_weight,
                ..Self::default()
            },
            Self {
                label_smoothing,
                pos_weight,
            },
        ]
    }
}

impl Loss for BceWithLogits {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        labels::outputs(target_kind)
    }

    fn link(&self) -> Link {
        Link::Sigmoid
    }

    fn check_target(&self, target: f64) -> Result<()> {
        labels::check_label(Self::NAME, target)
    }

    fn per_example<'g>(&self, logits: Var<'g>, targets: Var<'g>) -> Var<'g> {
        mean_over_labels(logits, targets, |x, targets| self.each(x, targets))
    }
}

impl BceWithLogits {
    /// The loss of each logit: of probabilities by the formula, of integers with one `softplus`.
    fn each<'g>(&self, x: Var<'g>, targets: Var<'g>) -> Var<'g> {
        if targets.dtype().is_float() {
            let share = self.label_smoothing;
            let second = targets.cast(x.dtype()) * (1.0 - share) + share / 2.0;
            return softplus(-x) * (second * self.pos_weight) + softplus(x) * (1.0 - second);
        }
        let second = targets.cast(x.dtype());
        // How much the output speaks for the wrong class: −x for the second one, x for the first.
        let wrong = x * (1.0 - 2.0 * second);
        let (share, more) = (self.label_smoothing / 2.0, self.pos_weight - 1.0);
        let own = match self.pos_weight {
            1.0 => softplus(wrong),
            _ => softplus(wrong) * (1.0 + more * second),
        };
        if share == 0.0 {
            return own;
        }
        let other = softplus(-wrong) * (self.pos_weight - more * second);
        own * (1.0 - share) + other * share
    }
}
