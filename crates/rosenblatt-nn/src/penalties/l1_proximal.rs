//! L1 regularization with exact zeros.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::L1;
use super::elastic_net::check_alpha;
use crate::{Config, Penalty};

/// L1 regularization (lasso) by its proximal step: after the optimizer's step all weights move towards 0 by the same amount, and those
/// that would cross it become exactly 0.
///
/// `value = α Σ |θ|`; `θ ← sign(θ) · max(|θ| − ηα, 0)`, with `η` the learning rate of the step and of the parameter's group
///
/// The penalty is not part of the loss that is differentiated and reported.
///
/// With [`crate::optimizers::Sgd`] on full batches this is proximal gradient descent (ISTA), which approaches the minimum of loss and
/// penalty. An optimizer that scales each element by itself, such as [`crate::optimizers::Adam`], is not followed in that: its weights
/// become sparse too, but `α` means another strength, as weight decay does in [`crate::optimizers::AdamW`]. A weight that is 0 stays 0 as
/// long as the optimizer would move it by no more than `ηα`; a step of Adam is about `η`, so useful strengths are below 1.
///
/// # Numerics
/// `θ` minus itself, clamped to `[−ηα, ηα]`: exactly 0 within, rounded once beyond. NaN stays NaN.
///
/// # Reference
/// Daubechies, Defrise, De Mol: An Iterative Thresholding Algorithm for Linear Inverse Problems with a Sparsity Constraint.
/// Communications on Pure and Applied Mathematics 57, 2004.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct L1Proximal {
    /// Strength of the penalty, `α`, at least 0.
    pub alpha: f64,
}

impl Default for L1Proximal {
    /// The strength of [`L1`].
    fn default() -> Self {
        Self {
            alpha: L1::default().alpha,
        }
    }
}

impl Config for L1Proximal {
    const NAME: &'static str = "l1_proximal";

    fn check(&self) -> Result<()> {
        check_alpha(self.alpha)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { alpha: 0.5 }]
    }
}

impl Penalty for L1Proximal {
    fn value<'g>(&self, theta: Var<'g>) -> Var<'g> {
        L1 { alpha: self.alpha }.value(theta)
    }

    fn is_smooth(&self) -> bool {
        self.alpha == 0.0
    }

    fn is_proximal(&self) -> bool {
        true
    }

    fn proximal<'g>(&self, theta: Var<'g>, rate: Var<'g>) -> Var<'g> {
        let threshold = rate * self.alpha;
        theta - theta.minimum(threshold).maximum(-threshold)
    }
}
