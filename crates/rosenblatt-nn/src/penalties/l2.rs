//! L2 regularization.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::elastic_net::check_alpha;
use crate::{Config, Penalty};

/// L2 regularization (ridge): weights become small, large ones the most.
///
/// `value = α/2 Σ θ²`, gradient `α θ`
///
/// The same step as the setting `weight_decay = α` of [`crate::optimizers::Sgd`] and [`crate::optimizers::Adam`], but the
/// loss that is reported contains it.
///
/// # Reference
/// Hoerl, Kennard: Ridge Regression, Biased Estimation for Nonorthogonal Problems. Technometrics 12, 1970.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct L2 {
    /// Strength of the penalty, `α`, at least 0.
    pub alpha: f64,
}

impl Default for L2 {
    /// The strength of scikit-learn's `MLPClassifier`.
    fn default() -> Self {
        Self { alpha: 1e-4 }
    }
}

impl Config for L2 {
    const NAME: &'static str = "l2";

    fn check(&self) -> Result<()> {
        check_alpha(self.alpha)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { alpha: 0.5 }]
    }
}

impl Penalty for L2 {
    fn value<'g>(&self, theta: Var<'g>) -> Var<'g> {
        (theta * theta).sum_all() * (0.5 * self.alpha)
    }
}
