//! Swish.

use rosenblatt_autodiff::{Real, Var, pointwise};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::prelu::{needs_features, per_feature};
use crate::entry::expect;
use crate::{Config, Layer, Scope};

/// Swish, with a fixed `β` or one that is learned for each feature.
///
/// `y = x σ(β x)`: `x/2` for `β = 0`, SiLU for `β = 1`, towards ReLU as `β → ∞`
///
/// # Shapes
/// - `x`, `y`: any; `[batch, features, …]` if `β` is learned
/// - parameter `beta`, if it is learned: `[features]`
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for fewer than two axes, if `β` is learned.
///
/// # Numerics
/// Computed in f64, learned or not, as [`pointwise::Swish`].
///
/// # Reference
/// Ramachandran, Zoph, Le: Searching for Activation Functions. 2017. arXiv:1710.05941.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Swish {
    /// Steepness of the gate, `β`, or its initial value if it is learned; any finite number.
    pub beta: f64,
    /// Whether to learn `β`, one for each feature.
    pub learned: bool,
}

impl Default for Swish {
    fn default() -> Self {
        let fixed = pointwise::Swish::default();
        Self {
            beta: fixed.beta,
            learned: false,
        }
    }
}

impl Config for Swish {
    const NAME: &'static str = "swish";
    const MAIN_SETTING: Option<&'static str> = Some("beta");

    fn check(&self) -> Result<()> {
        expect(self.beta.is_finite(), "beta", "to be finite", self.beta)
    }

    fn examples() -> Vec<Self> {
        let with = |beta, learned| Self { beta, learned };
        vec![Self::default(), with(-0.5, false), with(1.5, true)]
    }
}

impl Layer for Swish {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        if !self.learned {
            return x.swish(self.beta);
        }
        let Some(beta) = per_feature(scope, x, "beta", self.beta) else {
            return scope.fail(needs_features(x));
        };
        let wide = x.widen();
        x.narrow(wide * (wide * beta.widen()).sigmoid())
    }
}
