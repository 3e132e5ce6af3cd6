//! Parametric ReLU.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;
use crate::{Config, Init, Layer, Scope};

/// Parametric ReLU: leaky ReLU whose slope is learned, one for each feature.
///
/// `y = x` for `x > 0`, else `a x`
///
/// # Shapes
/// - `x`, `y`: `[batch, features, …]`
/// - parameter `weight` (`a`): `[features]`
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for fewer than two axes.
///
/// # Numerics
/// At 0 the derivative is `a`, as in PyTorch.
///
/// # Reference
/// He, Zhang, Ren, Sun: Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet Classification. ICCV
/// 2015. arXiv:1502.01852.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Prelu {
    /// Initial value of the slopes; any finite number.
    pub init: f64,
}

impl Default for Prelu {
    /// The paper's and PyTorch's value.
    fn default() -> Self {
        Self { init: 0.25 }
    }
}

impl Config for Prelu {
    const NAME: &'static str = "prelu";

    fn check(&self) -> Result<()> {
        expect(self.init.is_finite(), "init", "to be finite", self.init)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default()]
    }
}

impl Layer for Prelu {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let Some(slope) = per_feature(scope, x, "weight", self.init) else {
            return scope.fail(needs_features(x));
        };
        let zero = x.full_like(0.0);
        let positive = x.gt(zero);
        // Not a product with x itself, whose derivative would be ∞ · 0 at +∞.
        positive.select(x, positive.select(zero, x) * slope)
    }
}

/// A learned number for each feature of `[batch, features, …]`, in a shape that is broadcast over `x`.
pub(super) fn per_feature<'g>(scope: &Scope<'g>, x: Var<'g>, name: &str, init: f64) -> Option<Var<'g>> {
    let shape = x.shape();
    let &features = shape.get(1)?;
    let learned = scope.param(name, &[features], Init::Constant(init));
    let after = vec![1; shape.rank() - 2];
    Some(learned.reshape(&[&[features], &after[..]].concat()))
}

/// The error of an input without features.
pub(super) fn needs_features(x: Var<'_>) -> Error {
    Error::shape(format!("expected [batch, features, …], got {:?}", x.shape()))
}
