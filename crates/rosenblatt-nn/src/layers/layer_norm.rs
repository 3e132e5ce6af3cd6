//! Normalization of each row.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::moments::{Moments, inverse_deviation};
use crate::entry::expect;
use crate::{Config, Init, Layer, Scope};

/// Layer normalization: normalizes each row to mean 0 and variance 1, then applies a learned scale and bias.
///
/// `y = (x − μ) / √(σ² + ε) · γ + β`, with `μ` and `σ² = Σ (x − μ)² / n` over the last axis
///
/// # Shapes
/// - `x`, `y`: `[..., features]`
/// - parameters `weight` (γ), `bias` (β): `[features]`
///
/// # Numerics
/// Two passes after a shift: a row whose mean is a million times its spread loses nothing, and a row of equal numbers
/// gives exactly `β`.
///
/// # Differences
/// PyTorch may normalize over several last axes; this takes the last one.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::Graph;
/// use rosenblatt_nn::layers::LayerNorm;
/// use rosenblatt_nn::{Mode, Scope};
/// use rosenblatt_tensor::{DType, Error, Tensor};
///
/// let graph = Graph::dynamic();
/// let scope = Scope::new(&graph, DType::F64, Mode::Eval, |spec| Err(Error::shape(spec.name.clone())));
/// let plain = LayerNorm { elementwise_affine: false, ..LayerNorm::default() };
/// let y = scope.apply("layers.0", &plain, graph.constant(Tensor::from_vec(vec![1.0, 3.0], &[1, 2])?));
/// let y = y.value()?.to_f64();
/// assert!((y[0] + 1.0).abs() < 1e-5 && (y[1] - 1.0).abs() < 1e-5);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
///
/// # Reference
/// Ba, Kiros, Hinton: Layer Normalization. 2016. arXiv:1607.06450, equation 4.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LayerNorm {
    /// Added to the variance for numerical stability, above 0.
    pub eps: f64,
    /// Whether to learn a scale and a bias.
    pub elementwise_affine: bool,
    /// Whether to learn a bias.
    pub bias: bool,
}

impl Default for LayerNorm {
    /// PyTorch's values.
    fn default() -> Self {
        Self {
            eps: 1e-5,
            elementwise_affine: true,
            bias: true,
        }
    }
}

impl Config for LayerNorm {
    const NAME: &'static str = "layer_norm";

    fn check(&self) -> Result<()> {
        expect(self.eps > 0.0 && self.eps.is_finite(), "eps", "above 0", self.eps)
    }

    fn examples() -> Vec<Self> {
        let no_bias = Self {
            bias: false,
            ..Self::default()
        };
        let plain = Self {
            eps: 0.1,
            elementwise_affine: false,
            ..Self::default()
        };
        vec![Self::default(), no_bias, plain]
    }
}

impl Layer for LayerNorm {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let Some(&features) = x.shape().last() else {
            return scope.fail(Error::shape("expected at least one axis, got a single number"));
        };
        let mut y = x;
        if features > 0 {
            let moments = Moments::over(x, &[-1]);
            y = moments.centered * inverse_deviation(moments.variance, self.eps);
        }
        if self.elementwise_affine {
            y = y * scope.param("weight", &[features], Init::Ones);
        }
        if self.elementwise_affine && self.bias {
            y = y + scope.param("bias", &[features], Init::Zeros);
        }
        y
    }

    fn normalizes(&self) -> bool {
        true
    }
}
