//! L1 regularization.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::elastic_net::check_alpha;
use crate::{Config, Penalty};

/// L1 regularization (lasso): weights that matter little become small, all by the same amount.
///
/// `value = α Σ |θ|`, gradient `α sign θ`, and 0 at 0
///
/// With gradient steps weights come near 0 and change sign; they are rarely exactly 0.
///
/// # Reference
/// Tibshirani: Regression Shrinkage and Selection via the Lasso. Journal of the Royal Statistical Society B 58, 1996.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct L1 {
    /// Strength of the penalty, `α`, at least 0.
    pub alpha: f64,
}

impl Default for L1 {
    /// The strength of scikit-learn's `MLPClassifier`.
    fn default() -> Self {
        Self { alpha: 1e-4 }
    }
}

impl Config for L1 {
    const NAME: &'static str = "l1";

    fn check(&self) -> Result<()> {
        check_alpha(self.alpha)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { alpha: 0.5 }]
    }
}

impl Penalty for L1 {
    fn value<'g>(&self, theta: Var<'g>) -> Var<'g> {
        theta.abs().sum_all() * self.alpha
    }

    fn is_smooth(&self) -> bool {
        self.alpha == 0.0
    }
}
