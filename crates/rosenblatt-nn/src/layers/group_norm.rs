//! Normalization of groups of channels of each row.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::moments::{Moments, inverse_deviation};
use crate::entry::expect;
use crate::{Config, Init, Layer, Scope};

/// Group normalization: normalizes each group of channels of each row to mean 0 and variance 1, then applies a learned scale and bias
/// for each channel.
///
/// `y = (x − μ) / √(σ² + ε) · γ + β`, with `μ` and `σ² = Σ (x − μ)² / n` over the channels of a group and everything after them
///
/// # Shapes
/// - `x`, `y`: `[batch, channels, …]`; channels are a multiple of the groups
/// - parameters `weight` (γ), `bias` (β): `[channels]`
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for fewer axes, for channels that do not make groups, and if a group is a single number:
/// that would be `β` whatever it is.
///
/// # Numerics
/// As [`crate::layers::LayerNorm`]: two passes after a shift, and a group of equal numbers gives exactly `β`.
///
/// # Differences
/// PyTorch gives `β` for groups of a single number if there are several of them.
///
/// # Reference
/// Wu, He: Group Normalization. ECCV 2018. arXiv:1803.08494, equations 1 and 7.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupNorm {
    /// Number of groups, at least 1.
    pub groups: usize,
    /// Added to the variance for numerical stability, above 0.
    #[serde(default = "eps")]
    pub eps: f64,
    /// Whether to learn a scale and a bias.
    #[serde(default = "yes")]
    pub affine: bool,
}

fn eps() -> f64 {
    1e-5
}

fn yes() -> bool {
    true
}

impl GroupNorm {
    /// So many groups, with PyTorch's other values.
    #[must_use]
    pub fn new(groups: usize) -> Self {
        Self {
            groups,
            eps: eps(),
            affine: yes(),
        }
    }
}

impl Config for GroupNorm {
    const NAME: &'static str = "group_norm";
    const MAIN_SETTING: Option<&'static str> = Some("groups");

    fn check(&self) -> Result<()> {
        expect(self.groups >= 1, "groups", "to be at least 1", self.groups)?;
        expect(self.eps > 0.0 && self.eps.is_finite(), "eps", "above 0", self.eps)
    }

    fn examples() -> Vec<Self> {
        let plain = Self {
            eps: 0.1,
            affine: false,
            ..Self::new(1)
        };
        vec![Self::new(1), plain]
    }
}

impl Layer for GroupNorm {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let shape = x.shape();
        let [batch, channels, ref after @ ..] = shape[..] else {
            return scope.fail(Error::shape(format!("expected [batch, channels, …], got {shape:?}")));
        };
        if channels % self.groups != 0 {
            let message = format!("{channels} channels do not make {} groups of equal size", self.groups);
            return scope.fail(Error::shape(message).hint("use a number of groups that divides the channels"));
        }
        let numbers = channels / self.groups * after.iter().product::<usize>();
        if numbers == 1 {
            let error = Error::shape("a group is a single number, and would be normalized to 0 whatever it is");
            return scope.fail(error.hint("use fewer groups"));
        }
        let y = match numbers {
            0 => x,
            _ => normalized(x.reshape(&[batch, self.groups, numbers]), self.eps).reshape(&shape),
        };
        if !self.affine {
            return y;
        }
        let along = [&[channels][..], &vec![1; after.len()]].concat();
        let [weight, bias] = [("weight", Init::Ones), ("bias", Init::Zeros)]
            .map(|(name, init)| scope.param(name, &[channels], init).reshape(&along));
        y * weight + bias
    }

    fn normalizes(&self) -> bool {
        true
    }
}

/// Normalized over the last axis.
fn normalized(x: Var<'_>, eps: f64) -> Var<'_> {
    let moments = Moments::over(x, &[-1]);
    moments.centered * inverse_deviation(moments.variance, eps)
}
