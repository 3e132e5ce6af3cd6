//! Poisson loss.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::labels::least_exponent;
use super::numbers::{self, mean_of_pairs};
use crate::{Config, Link, Loss, TargetKind};

/// Negative log-likelihood of counts that follow a Poisson distribution, whose mean is the exponential of the output; the
/// mean over the numbers of a row.
///
/// `loss_i = mean_j (e^(x_ij) − target_ij · x_ij + c_ij)` with `c_ij = 0`, or with `full` Stirling's approximation of
/// `ln target_ij!`: `t ln t − t + ½ ln(2πt)` for `t > 1`
///
/// The prediction is `e^x`, in the unit of the target, which is not standardized. See [`Loss::link`].
///
/// # Shapes
/// - `prediction`: logarithms of means, `[batch, numbers]`
/// - `targets`: numbers of at least 0, `[batch, numbers]`, or `[batch]` if there is one number
///
/// # Numerics
/// Below `x = −69` (f64: −623) the power, which would become a subnormal number, stays as it is.
///
/// # Differences
/// As PyTorch's `PoissonNLLLoss` with `log_input=True`.
///
/// # Reference
/// Nelder, Wedderburn: Generalized Linear Models. Journal of the Royal Statistical Society A 135, 1972.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Poisson {
    /// Adds Stirling's approximation of the term that does not depend on the prediction.
    pub full: bool,
}

impl Config for Poisson {
    const NAME: &'static str = "poisson";
    const ALIASES: &'static [&'static str] = &["poisson_nll"];

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { full: true }]
    }
}

impl Loss for Poisson {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        numbers::outputs(target_kind)
    }

    fn link(&self) -> Link {
        Link::Exp
    }

    fn check_target(&self, target: f64) -> Result<()> {
        if target >= 0.0 {
            return Ok(());
        }
        Err(Error::data(format!(
            "the loss `poisson` needs targets of at least 0, got {target}"
        )))
    }

    fn per_example<'g>(&self, x: Var<'g>, targets: Var<'g>) -> Var<'g> {
        mean_of_pairs(x, targets, |x, t| {
            let losses = x.clamp(least_exponent(x.dtype()), f64::INFINITY).exp() - t * x;
            if self.full { losses + stirling(t) } else { losses }
        })
    }
}

/// `t ln t − t + ½ ln(2πt)` for `t > 1`, else 0.
fn stirling(t: Var<'_>) -> Var<'_> {
    let (is_large, one) = (t.gt(t.full_like(1.0)), t.full_like(1.0));
    // Of 0 the logarithm is not finite.
    let t = is_large.select(t, one);
    let term = t * t.ln() - t + (t * std::f64::consts::TAU).ln() * 0.5;
    is_large.select(term, one.full_like(0.0))
}
