//! L1 and L2 regularization together.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{L1, L2};
use crate::entry::{expect, range};
use crate::{Config, Penalty};

/// Elastic net: [`L1`] and [`L2`] with one strength and a ratio, as scikit-learn's `ElasticNet`.
///
/// `value = α ρ Σ |θ| + α (1 − ρ)/2 Σ θ²`
///
/// # Reference
/// Zou, Hastie: Regularization and Variable Selection via the Elastic Net. Journal of the Royal Statistical Society B 67,
/// 2005.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ElasticNet {
    /// Strength of the penalty, `α`, at least 0.
    pub alpha: f64,
    /// Share of L1, `ρ`, in `[0, 1]`.
    pub l1_ratio: f64,
}

impl Default for ElasticNet {
    /// The strength of [`L1`], half of it L1: scikit-learn's ratio.
    fn default() -> Self {
        Self {
            alpha: L1::default().alpha,
            l1_ratio: 0.5,
        }
    }
}

impl Config for ElasticNet {
    const NAME: &'static str = "elastic_net";

    fn check(&self) -> Result<()> {
        check_alpha(self.alpha)?;
        let ratio = self.l1_ratio;
        expect((0.0..=1.0).contains(&ratio), "l1_ratio", "in [0, 1]", ratio)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                alpha: 0.5,
                l1_ratio: 0.25,
            },
        ]
    }
}

impl Penalty for ElasticNet {
    fn value<'g>(&self, theta: Var<'g>) -> Var<'g> {
        let l1 = L1 {
            alpha: self.alpha * self.l1_ratio,
        };
        let l2 = L2 {
            alpha: self.alpha * (1.0 - self.l1_ratio),
        };
        l1.value(theta) + l2.value(theta)
    }

    fn is_smooth(&self) -> bool {
        self.alpha * self.l1_ratio == 0.0
    }
}

/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if it is not a number of at least 0.
pub(super) fn check_alpha(alpha: f64) -> Result<()> {
    range::at_least_0("alpha", alpha)
}
