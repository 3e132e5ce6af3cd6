//! Focal loss of classes.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{DType, Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::classes::{self, of_classes};
use crate::entry::range;
use crate::{Config, Link, Loss, TargetKind};

/// Focal loss of classes under a softmax: cross-entropy in which rows that are predicted well count less.
///
/// `loss_i = −(1 − p_i[t_i])^γ · ln p_i[t_i]` with `p = softmax(logits)`; for targets that are probabilities
/// `−Σ_j targets_ij · (1 − p_ij)^γ · ln p_ij`
///
/// With `γ = 0` it is [`super::CrossEntropy`]. The paper's `α` of each class is its class weight. See [`super::BinaryFocal`]
/// for one output and for several labels.
///
/// # Shapes
/// - `prediction`: logits, `[batch, classes]`, or `[batch, time, classes]`
/// - `targets`: classes, integers, `[batch]` or `[batch, time]`; or the probability of each class, floating point, as
///   `prediction`
///
/// # Numerics
/// For integer targets `1 − p` is the sum of the other probabilities, so nothing cancels. A row whose loss is below 2⁻¹⁰⁰ has
/// none, and no gradient: its powers would become subnormal numbers.
///
/// # Reference
/// Lin, Goyal, Girshick, He, Dollár: Focal Loss for Dense Object Detection. ICCV 2017. arXiv:1708.02002, equation 4.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Focal {
    /// How much less well-predicted rows count, `γ`, at least 0.
    pub gamma: f64,
}

impl Default for Focal {
    /// The paper's 2.
    fn default() -> Self {
        Self { gamma: 2.0 }
    }
}

impl Config for Focal {
    const NAME: &'static str = "focal";
    const ALIASES: &'static [&'static str] = &["categorical_focal_crossentropy"];

    fn check(&self) -> Result<()> {
        check_gamma(self.gamma)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { gamma: 0.0 }, Self { gamma: 0.5 }]
    }
}

impl Loss for Focal {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        classes::outputs(target_kind)
    }

    fn link(&self) -> Link {
        Link::Softmax
    }

    fn per_example<'g>(&self, logits: Var<'g>, targets: Var<'g>) -> Var<'g> {
        if targets.dtype().is_float() {
            return self.of_probabilities(logits, targets);
        }
        of_classes(logits, targets, |x, class| {
            let losses = x.softmax_cross_entropy(class);
            if self.gamma == 0.0 {
                return losses;
            }
            let own = class.one_hot(x.shape()[1], DType::Bool);
            let others = own.select(x.full_like(0.0), x.softmax()).sum(&[-1], false);
            self.focused(losses, others)
        })
    }
}

impl Focal {
    fn of_probabilities<'g>(&self, logits: Var<'g>, targets: Var<'g>) -> Var<'g> {
        if logits.shape() != targets.shape() {
            let message = format!(
                "expected probabilities {:?}, as the logits, got {:?}",
                logits.shape(),
                targets.ty()
            );
            return logits.fail(Error::shape(message).within("targets"));
        }
        let losses = -logits.log_softmax();
        let losses = match self.gamma {
            0.0 => losses,
            _ => self.focused(losses, 1.0 - logits.softmax()),
        };
        (targets.cast(logits.dtype()) * losses).sum(&[-1], false)
    }

    /// `wrong^γ · losses`, and 0 where that is too small.
    fn focused<'g>(&self, losses: Var<'g>, wrong: Var<'g>) -> Var<'g> {
        let zero = wrong.full_like(0.0);
        let is_tiny = wrong.lt(wrong.full_like(libm::exp2(-100.0 / (self.gamma + 1.0))));
        // A base of 0 would have no derivative for γ below 1.
        let base = is_tiny.select(wrong.full_like(1.0), wrong);
        is_tiny.select(zero, base.pow(base.full_like(self.gamma)) * losses)
    }
}

/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if it is not a number of at least 0.
pub(super) fn check_gamma(gamma: f64) -> Result<()> {
    range::at_least_0("gamma", gamma)
}
