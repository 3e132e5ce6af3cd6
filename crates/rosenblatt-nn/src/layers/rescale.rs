//! Another scale for the input.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;
use crate::{Config, Layer, Scope};

/// A fixed scale and offset, the first layer of a network for images: `factor = 1/255` maps bytes to `[0, 1]`.
///
/// `y = x · factor + offset`
///
/// # Shapes
/// - `x`: any shape and type; integers become the network's floating-point type
/// - `y`: as `x`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rescale {
    /// What the input is multiplied by, finite.
    pub factor: f64,
    /// What is added then, finite.
    #[serde(default)]
    pub offset: f64,
}

impl Config for Rescale {
    const NAME: &'static str = "rescale";

    fn check(&self) -> Result<()> {
        expect(self.factor.is_finite(), "factor", "to be finite", self.factor)?;
        expect(self.offset.is_finite(), "offset", "to be finite", self.offset)
    }

    fn examples() -> Vec<Self> {
        let (factor, offset) = (1.0 / 127.5, -1.0);
        vec![
            Self { factor, offset },
            Self {
                factor: 0.5,
                offset: 0.0,
            },
        ]
    }
}

impl Layer for Rescale {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let scaled = x.cast(scope.dtype()) * self.factor;
        if self.offset == 0.0 {
            scaled
        } else {
            scaled + self.offset
        }
    }
}
