//! Cross-entropy of two classes under one output, or of several labels.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{DType, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::aligned;
use crate::entry::expect;
use crate::{Config, Link, Loss, TargetKind};

/// Binary cross-entropy: each output is the logit of a binary label, such as the second of two classes. With
/// several outputs (multi-label classification) the mean over them.
///
/// `loss_i = mean_j −w · y′_ij · ln σ(x_ij) − (1 − y′_ij) · ln(1 − σ(x_ij))` with `y′ = (1 − ε) · y + ε/2`, `w` the weight
/// of "yes" and `ε` the smoothing
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

    fn check(&self) -> Result<()> {
        let (share, weight) = (self.label_smoothing, self.pos_weight);
        expect((0.0..1.0).contains(&share), "label_smoothing", "in [0, 1)", share)?;
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
        match target_kind {
            TargetKind::Classes(2) => Some(1),
            TargetKind::Classes(_) | TargetKind::Values(_) => None,
        }
    }

    fn link(&self) -> Link {
        Link::Sigmoid
    }

    fn per_example<'g>(&self, logits: Var<'g>, targets: Var<'g>) -> Var<'g> {
        let shape = logits.shape();
        let single = match *shape {
            [ref leading @ .., 1] if !leading.is_empty() => leading,
            _ => &shape[..],
        };
        let losses = self.each(logits.reshape(single), aligned(targets, single));
        match *single {
            _ if single.len() < shape.len() => losses,
            [] | [_] => losses,
            _ => losses.mean(&[-1], false),
        }
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

/// `ln(1 + eˣ)`, whose power is never subnormal.
fn softplus(x: Var<'_>) -> Var<'_> {
    let least = if x.dtype() == DType::F64 { -623.0 } else { -69.0 };
    let zero = x.full_like(0.0);
    let positive = x.gt(zero);
    // The upper bound is never reached; at 0, where it is not needed, it must not stop the gradient.
    let power = positive.select(-x, x).clamp(least, 1.0).exp();
    positive.select(x, zero) + power.ln_1p()
}
