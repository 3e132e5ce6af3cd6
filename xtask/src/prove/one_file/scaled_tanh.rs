//! Scaled tanh.

use rosenblatt_tensor::Result;

use super::{Derivative, Setting};
use crate::{Attributes, Elementwise, Family, Real};

/// Scaled hyperbolic tangent, element-wise.
///
/// `y = a tanh x`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledTanh {
    /// The value far above 0, `a`.
    pub scale: f64,
}

const SCALE: Setting = Setting {
    name: "scale",
    default: 1.7159,
    range: (0.0, 100.0),
    about: "Value far above 0, `a`, from 0 to 100.",
};

impl Default for ScaledTanh {
    fn default() -> Self {
        Self { scale: SCALE.default }
    }
}

impl Elementwise for ScaledTanh {
    const NAME: &'static str = "scaled_tanh";
    const ABOUT: &'static str = "Scaled hyperbolic tangent, element-wise.";
    const SETTINGS: &'static [Setting] = &[SCALE];
    const DERIVATIVE: Option<Family> = Some(Derivative::<Self>::FAMILY);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x.full_like(self.scale) * x.tanh()
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with(SCALE.name, self.scale)
    }

    fn make(attributes: &Attributes) -> Result<Self> {
        Ok(Self {
            scale: attributes.float(SCALE.name)?,
        })
    }

    fn instances() -> Vec<Self> {
        vec![Self::default()]
    }
}
