//! Gamma loss.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::labels::least_exponent;
use super::numbers::{self, mean_of_pairs};
use crate::{Config, Link, Loss, TargetKind};

/// Deviance of positive numbers that follow a gamma distribution, whose mean is the exponential of the output; the mean over
/// the numbers of a row.
///
/// `loss_i = mean_j 2 (d_ij + e^(−d_ij) − 1)` with `d_ij = x_ij − ln target_ij`, the logarithm of predicted by true
///
/// It is at least 0, and 0 where the prediction is exact; an error counts by its ratio, whatever the unit of the target. Twice the
/// negative log-likelihood, but for a term that does not depend on the prediction. The prediction is `e^x`, in the unit of the
/// target, which is not standardized. See [`Loss::link`].
///
/// # Shapes
/// - `prediction`: logarithms of means, `[batch, numbers]`
/// - `targets`: numbers above 0, `[batch, numbers]`, or `[batch]` if there is one number
///
/// # Numerics
/// For a prediction beyond `e^69` (f64: `e^623`) times the target the power, which would become a subnormal number, stays as it
/// is.
///
/// # Differences
/// As scikit-learn's `mean_gamma_deviance` of the predictions.
///
/// # Reference
/// Nelder, Wedderburn: Generalized Linear Models. Journal of the Royal Statistical Society A 135, 1972.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gamma {}

impl Config for Gamma {
    const NAME: &'static str = "gamma";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Loss for Gamma {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        numbers::outputs(target_kind)
    }

    fn link(&self) -> Link {
        Link::Exp
    }

    fn check_target(&self, target: f64) -> Result<()> {
        if target > 0.0 {
            return Ok(());
        }
        Err(Error::data(format!(
            "the loss `gamma` needs targets above 0, got {target}"
        )))
    }

    fn per_example<'g>(&self, x: Var<'g>, targets: Var<'g>) -> Var<'g> {
        mean_of_pairs(x, targets, |x, t| {
            let d = x - t.ln();
            let ratio = (-d).clamp(least_exponent(x.dtype()), f64::INFINITY).exp();
            (d + (ratio - 1.0)) * 2.0
        })
    }
}
