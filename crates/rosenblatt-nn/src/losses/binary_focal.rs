//! Focal loss of binary labels.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::focal::{Focal, check_gamma};
use super::labels::{self, least_exponent, mean_over_labels, softplus};
use crate::entry::range;
use crate::{Config, Link, Loss, TargetKind};

/// Focal loss of binary labels: binary cross-entropy in which rows that are predicted well count less; of several labels the
/// mean.
///
/// `loss_i = mean_j α′_ij · (1 − p′_ij)^γ · b_ij` with `p = σ(x)`, `b` the binary cross-entropy,
/// `p′ = y p + (1 − y)(1 − p)`, and `α′ = y α + (1 − y)(1 − α)`, or 1 without `alpha`
///
/// With `γ = 0` and no `alpha` it is [`super::BceWithLogits`]. See [`super::Focal`] for more than two classes.
///
/// # Shapes
/// - `prediction`: logits, `[batch, 1]`, or `[batch, labels]`; a time axis may follow the batch
/// - `targets`: integers 0 or 1, or probabilities, as `prediction`; without the last axis if it is 1
///
/// # Numerics
/// Beyond a logit of `69/(γ + 1)` (f64: `623/(γ + 1)`) for the right label a row has the loss of that logit and no gradient:
/// the powers would become subnormal numbers.
///
/// # Reference
/// Lin, Goyal, Girshick, He, Dollár: Focal Loss for Dense Object Detection. ICCV 2017. arXiv:1708.02002, equation 5.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BinaryFocal {
    /// Weight of the positive (second) class, in `(0, 1)`; that of the other is 1 minus this. Without it both are 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha: Option<f64>,
    /// How much less well-predicted rows count, `γ`, at least 0.
    pub gamma: f64,
}

impl Default for BinaryFocal {
    /// The paper's `γ` of 2, without weights.
    fn default() -> Self {
        Self {
            alpha: None,
            gamma: Focal::default().gamma,
        }
    }
}

impl Config for BinaryFocal {
    const NAME: &'static str = "binary_focal";
    const ALIASES: &'static [&'static str] = &["binary_focal_crossentropy"];

    fn check(&self) -> Result<()> {
        let alpha = self.alpha.unwrap_or(0.5);
        range::open_share("alpha", alpha)?;
        check_gamma(self.gamma)
    }

    fn examples() -> Vec<Self> {
        let (alpha, gamma) = (Some(0.25), 0.0);
        vec![
            Self::default(),
            Self {
                alpha,
                ..Self::default()
            },
            Self { alpha, gamma },
            Self {
                alpha: None,
                gamma: 0.5,
            },
        ]
    }
}

impl Loss for BinaryFocal {
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
        mean_over_labels(logits, targets, |x, y| self.each(x, y))
    }
}

impl BinaryFocal {
    /// The loss of each logit.
    fn each<'g>(&self, x: Var<'g>, targets: Var<'g>) -> Var<'g> {
        let y = targets.cast(x.dtype());
        let least = least_exponent(x.dtype()) / (self.gamma + 1.0);
        let limited = |x: Var<'g>| x.clamp(least, f64::INFINITY);
        let (losses, wrong) = if targets.dtype().is_float() {
            let (no, yes) = (limited(-x), limited(x));
            let mixed = |of: fn(Var<'g>) -> Var<'g>| y * of(no) + (1.0 - y) * of(yes);
            (mixed(softplus), mixed(Var::sigmoid))
        } else {
            // How much the output speaks for the wrong label.
            let wrong = limited(x * (1.0 - 2.0 * y));
            (softplus(wrong), wrong.sigmoid())
        };
        let losses = match self.gamma {
            0.0 => losses,
            gamma => wrong.pow(wrong.full_like(gamma)) * losses,
        };
        match self.alpha {
            None => losses,
            Some(alpha) => losses * (y * (2.0 * alpha - 1.0) + (1.0 - alpha)),
        }
    }
}
