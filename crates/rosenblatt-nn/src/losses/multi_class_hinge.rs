//! Hinge loss of several classes, by Weston and Watkins.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::classes::{self, of_classes, violations};
use crate::{Config, Loss, TargetKind};

/// Hinge loss of several classes: the sum over the wrong classes of how far their scores come near that of the right one.
///
/// `loss_i = Σ_(j ≠ t_i) max(0, y_ij − y_i[t_i] + 1)`
///
/// The outputs are scores: the largest is the predicted class, and there are no probabilities. See
/// [`super::CrammerSinger`] for the largest term instead of the sum. With two classes it is [`super::Hinge`] of the
/// difference of the scores.
///
/// # Shapes
/// - `prediction`: scores, `[batch, classes]`, or `[batch, time, classes]`
/// - `targets`: integer classes, `[batch]`, or `[batch, time]`
///
/// # Numerics
/// The derivative of a term where it is exactly 0 is 0.
///
/// # Differences
/// PyTorch's `MultiMarginLoss` divides the sum by the number of classes.
///
/// # Reference
/// Weston, Watkins: Support Vector Machines for Multi-Class Pattern Recognition. ESANN 1999.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MultiClassHinge {}

impl Config for MultiClassHinge {
    const NAME: &'static str = "multi_class_hinge";
    const ALIASES: &'static [&'static str] = &["weston_watkins"];

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Loss for MultiClassHinge {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        classes::outputs(target_kind)
    }

    fn per_example<'g>(&self, scores: Var<'g>, targets: Var<'g>) -> Var<'g> {
        of_classes(scores, targets, |y, class| violations(y, class).sum(&[-1], false))
    }
}
