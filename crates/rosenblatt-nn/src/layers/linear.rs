//! The fully connected layer.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;
use crate::{Config, Layer, Scope};

/// Fully connected layer, also called dense or affine.
///
/// `y = x Wᵀ + b`
///
/// # Shapes
/// - `x`: `[..., in_features]`
/// - `y`: `[..., out_features]`
/// - parameters `weight`: `[out_features, in_features]`, `bias`: `[out_features]`
///
/// # Example
/// ```
/// use rosenblatt_autodiff::Type;
/// use rosenblatt_nn::{layers::Linear, scope};
/// use rosenblatt_tensor::{DType, Shape};
///
/// let rows = Type::new(DType::F32, Shape::new(&[8, 2])?);
/// let tensors = scope::tensors("layers.0", &Linear::new(3), rows)?;
/// assert_eq!(tensors[0].shape, [3, 2]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Linear {
    /// Number of output features, at least 1.
    pub out_features: usize,
    /// Whether to learn a bias.
    #[serde(default = "yes")]
    pub bias: bool,
}

fn yes() -> bool {
    true
}

impl Linear {
    /// A layer of `out_features` neurons with offsets.
    #[must_use]
    pub const fn new(out_features: usize) -> Self {
        Self {
            out_features,
            bias: true,
        }
    }
}

impl Config for Linear {
    const NAME: &'static str = "linear";

    fn check(&self) -> Result<()> {
        expect(
            self.out_features >= 1,
            "out_features",
            "to be at least 1",
            self.out_features,
        )
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::new(3),
            Self {
                out_features: 1,
                bias: false,
            },
        ]
    }
}

impl Layer for Linear {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let shape = x.shape();
        let Some((&fan_in, batch)) = shape.split_last() else {
            return scope.fail(Error::shape("expected at least one axis, got a single number"));
        };
        let fan_out = self.out_features;
        let weight = scope.weight("weight", &[fan_out, fan_in]);
        let y = if batch.is_empty() {
            x.reshape(&[1, fan_in])
                .matmul(weight.matrix_transpose())
                .reshape(&[fan_out])
        } else {
            x.matmul(weight.matrix_transpose())
        };
        if self.bias {
            y + scope.bias("bias", &[fan_out], fan_in)
        } else {
            y
        }
    }
}
