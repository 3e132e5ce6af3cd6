//! Normalization of the size of each row.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{DType, Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::moments::inverse_deviation;
use crate::entry::expect;
use crate::{Config, Init, Layer, Scope};

/// RMS normalization: divides each row by the root of its mean square, then applies a learned scale. The mean stays.
///
/// `y = x / √(Σ x² / n + ε) · γ`, over the last axis
///
/// # Shapes
/// - `x`, `y`: `[..., features]`
/// - parameter `weight` (γ): `[features]`
///
/// # Numerics
/// Squares of f32 overflow from numbers of 2·10¹⁹ on: such a row becomes 0.
///
/// # Differences
/// PyTorch may normalize over several last axes; this takes the last one.
///
/// # Reference
/// Zhang, Sennrich: Root Mean Square Layer Normalization. NeurIPS 2019. arXiv:1910.07467, equation 4.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RmsNorm {
    /// Added to the mean square for numerical stability, above 0 [default: machine epsilon, 1.2e-7 for f32 and 2.2e-16 for f64].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eps: Option<f64>,
    /// Whether to learn a scale.
    pub elementwise_affine: bool,
}

impl Default for RmsNorm {
    /// PyTorch's values.
    fn default() -> Self {
        Self {
            eps: None,
            elementwise_affine: true,
        }
    }
}

impl Config for RmsNorm {
    const NAME: &'static str = "rms_norm";

    fn check(&self) -> Result<()> {
        let eps = self.eps.unwrap_or(1.0);
        expect(eps > 0.0 && eps.is_finite(), "eps", "above 0", eps)
    }

    fn examples() -> Vec<Self> {
        let plain = Self {
            eps: Some(0.1),
            elementwise_affine: false,
        };
        vec![Self::default(), plain]
    }
}

impl Layer for RmsNorm {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let Some(&features) = x.shape().last() else {
            return scope.fail(Error::shape("expected at least one axis, got a single number"));
        };
        let machine = match x.dtype() {
            DType::F64 => f64::EPSILON,
            _ => f64::from(f32::EPSILON),
        };
        let mut y = x;
        if features > 0 {
            y = x * inverse_deviation((x * x).mean(&[-1], true), self.eps.unwrap_or(machine));
        }
        if self.elementwise_affine {
            y = y * scope.param("weight", &[features], Init::Ones);
        }
        y
    }

    fn normalizes(&self) -> bool {
        true
    }
}
