//! Leaky ReLU.

use rosenblatt_tensor::Result;

use crate::{Attributes, Elementwise, Real, Unary, Var};

/// Leaky ReLU, element-wise.
///
/// `y = x` for `x > 0`, else `γ x`;  `dy/dx = 1` or `γ`
///
/// # Numerics
/// The derivative at 0 is `γ`, as in PyTorch.
///
/// # Reference
/// Maas, Hannun, Ng: Rectifier Nonlinearities Improve Neural Network Acoustic Models. ICML 2013.
#[derive(Clone, Copy, Debug)]
pub struct LeakyRelu {
    /// Derivative for negative inputs, `γ`.
    pub slope: f64,
}

impl Default for LeakyRelu {
    /// The paper's and PyTorch's slope.
    fn default() -> Self {
        Self { slope: 0.01 }
    }
}

impl Elementwise for LeakyRelu {
    const NAME: &'static str = "leaky_relu";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        T::select(x.gt(x.full_like(0.0)), x, x * x.full_like(self.slope))
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        T::select(x.gt(x.full_like(0.0)), x.full_like(1.0), x.full_like(self.slope))
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("slope", self.slope)
    }

    fn make(attributes: &Attributes) -> Result<Self> {
        Ok(Self {
            slope: attributes.float("slope")?,
        })
    }

    fn instances() -> Vec<Self> {
        vec![Self { slope: 0.01 }, Self { slope: 0.3 }]
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
