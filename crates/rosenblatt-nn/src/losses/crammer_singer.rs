//! Hinge loss of several classes, by Crammer and Singer.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::classes::{self, of_classes, violations};
use crate::{Config, Loss, TargetKind};

/// Hinge loss of several classes: how far the score of the nearest wrong class comes near that of the right one.
///
/// `loss_i = max(0, 1 + max_(j ≠ t_i) y_ij − y_i[t_i])`
///
/// At most [`super::MultiClassHinge`], of whose terms it is the largest. The outputs are scores: the largest is the predicted
/// class, and there are no probabilities.
///
/// # Shapes
/// - `prediction`: scores, `[batch, classes]`, or `[batch, time, classes]`
/// - `targets`: integer classes, `[batch]`, or `[batch, time]`
///
/// # Numerics
/// The derivative where the loss is exactly 0 is 0; equally large wrong scores share it.
///
/// # Differences
/// Keras' `CategoricalHinge` is the same, of one-hot targets and of scores of at least 0.
///
/// # Reference
/// Crammer, Singer: On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines. JMLR 2, 2001, equation 6.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrammerSinger {}

impl Config for CrammerSinger {
    const NAME: &'static str = "crammer_singer";
    const ALIASES: &'static [&'static str] = &["categorical_hinge"];

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Loss for CrammerSinger {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        classes::outputs(target_kind)
    }

    fn per_example<'g>(&self, scores: Var<'g>, targets: Var<'g>) -> Var<'g> {
        of_classes(scores, targets, |y, class| violations(y, class).max(&[-1], false))
    }
}
