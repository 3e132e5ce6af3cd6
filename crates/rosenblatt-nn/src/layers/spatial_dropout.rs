//! Dropout of channels.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::range;
use crate::{Config, Layer, Scope};

/// Spatial dropout: as [`crate::layers::Dropout`], of whole channels. Neighbors in a channel are alike, so that dropping single numbers
/// loses little.
///
/// `y = x · m / (1 − p)`, `m` for each channel of each row 1 with probability `1 − p`, else 0
///
/// # Shapes
/// - `x`, `y`: `[batch, channels, length, …]`: PyTorch's `Dropout1d`, `Dropout2d` and `Dropout3d`
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for fewer axes.
///
/// # Numerics
/// The mask depends on seed, step, the layer's place, row and channel alone.
///
/// # Reference
/// Tompson, Goroshin, Jain, LeCun, Bregler: Efficient Object Localization Using Convolutional Networks. CVPR 2015. arXiv:1411.4280,
/// section 3.2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SpatialDropout {
    /// Probability of dropping a channel, in `[0, 1)`.
    pub p: f64,
}

impl Default for SpatialDropout {
    /// PyTorch's value.
    fn default() -> Self {
        Self { p: 0.5 }
    }
}

impl Config for SpatialDropout {
    const NAME: &'static str = "spatial_dropout";

    fn check(&self) -> Result<()> {
        range::share("p", self.p)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { p: 0.0 }, Self { p: 0.1 }]
    }
}

impl Layer for SpatialDropout {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let shape = x.shape();
        let [batch, channels, ref after @ ..] = shape[..] else {
            return scope.fail(wrong(&shape));
        };
        if after.is_empty() {
            return scope.fail(wrong(&shape).hint("single features are dropped by `dropout`"));
        }
        if !scope.training() || self.p == 0.0 {
            return x;
        }
        let keep = 1.0 - self.p;
        let mask = scope.bernoulli("mask", keep, &[batch, channels]).cast(x.dtype());
        let along = [&[batch, channels][..], &vec![1; after.len()]].concat();
        x * (mask * (1.0 / keep)).reshape(&along)
    }
}

fn wrong(shape: &[usize]) -> Error {
    Error::shape(format!("expected [batch, channels, length, …], got {shape:?}"))
}
