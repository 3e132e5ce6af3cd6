//! Leaky ReLU.

use rosenblatt_tensor::Result;

use super::Setting;
use crate::{Attributes, Elementwise, Real, Unary, Var};

/// Leaky ReLU, element-wise.
///
/// `y = x` for `x > 0`, else `γ x`;  `dy/dx = 1` or `γ`
///
/// # Numerics
/// Within 0.51 ULP in f32, with `γ` rounded to f32. The derivative at 0 is `γ`, as in PyTorch.
///
/// # Reference
/// Maas, Hannun, Ng: Rectifier Nonlinearities Improve Neural Network Acoustic Models. ICML 2013.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakyRelu {
    /// Slope for negative inputs, `γ`; any finite number.
    pub slope: f64,
}

/// The paper's and PyTorch's slope.
const SLOPE: Setting = Setting {
    name: "slope",
    default: 0.01,
    range: Setting::FINITE,
    about: "Slope for negative inputs, `γ`; any finite number.",
};

impl Default for LeakyRelu {
    fn default() -> Self {
        Self { slope: SLOPE.default }
    }
}

impl Elementwise for LeakyRelu {
    const NAME: &'static str = "leaky_relu";
    const ABOUT: &'static str = "Leaky ReLU, element-wise.";
    const SETTINGS: &'static [Setting] = &[SLOPE];

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        // Not −∞ · 0.
        let below = if self.slope == 0.0 {
            x.full_like(0.0)
        } else {
            x * x.full_like(self.slope)
        };
        T::select(x.le(x.full_like(0.0)), below, x)
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        T::select(x.gt(x.full_like(0.0)), x.full_like(1.0), x.full_like(self.slope))
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with(SLOPE.name, self.slope)
    }

    fn make(attributes: &Attributes) -> Result<Self> {
        Ok(Self {
            slope: attributes.float(SLOPE.name)?,
        })
    }

    fn instances() -> Vec<Self> {
        vec![Self::default(), Self { slope: 0.3 }]
    }
}

impl<'g> Var<'g> {
    /// `x` for `x > 0`, else `slope · x`, element-wise.
    #[must_use]
    #[track_caller]
    pub fn leaky_relu(self, slope: f64) -> Self {
        self.apply(Unary(LeakyRelu { slope }))
    }
}
