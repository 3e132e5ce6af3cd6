//! Normalization of each channel of each row.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GroupNorm;
use crate::entry::expect;
use crate::{Config, Layer, Scope};

/// Instance normalization: normalizes each channel of each row to mean 0 and variance 1: [`GroupNorm`] with a group for each channel.
///
/// `y = (x − μ) / √(σ² + ε) · γ + β`, with `μ` and `σ² = Σ (x − μ)² / n` over what is after the channels
///
/// There are no running statistics: training and prediction compute the same.
///
/// # Shapes
/// - `x`, `y`: `[batch, channels, length, …]`
/// - parameters `weight` (γ), `bias` (β): `[channels]`, if `affine`
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for fewer axes, and if a channel is a single number: that would be `β` whatever it is.
///
/// # Reference
/// Ulyanov, Vedaldi, Lempitsky: Instance Normalization: The Missing Ingredient for Fast Stylization. 2016. arXiv:1607.08022.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InstanceNorm {
    /// Added to the variance for numerical stability, above 0.
    pub eps: f64,
    /// Whether to learn a scale and a bias.
    pub affine: bool,
}

impl Default for InstanceNorm {
    /// PyTorch's values.
    fn default() -> Self {
        Self {
            eps: 1e-5,
            affine: false,
        }
    }
}

impl Config for InstanceNorm {
    const NAME: &'static str = "instance_norm";

    fn check(&self) -> Result<()> {
        expect(self.eps > 0.0 && self.eps.is_finite(), "eps", "above 0", self.eps)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { eps: 0.1, affine: true }]
    }
}

impl Layer for InstanceNorm {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let shape = x.shape();
        let [_, channels, _, ..] = shape[..] else {
            let error = Error::shape(format!("expected [batch, channels, length, …], got {shape:?}"));
            return scope.fail(error.hint("rows of features are normalized by `layer_norm`"));
        };
        if shape[2..].iter().product::<usize>() == 1 {
            let error = Error::shape("a channel is a single number, and would be normalized to 0 whatever it is");
            return scope.fail(error.hint("use `layer_norm` or `group_norm`"));
        }
        let groups = GroupNorm {
            groups: channels.max(1),
            eps: self.eps,
            affine: self.affine,
        };
        groups.forward(scope, x)
    }

    fn normalizes(&self) -> bool {
        true
    }
}
