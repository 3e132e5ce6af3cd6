//! Exponential linear unit.

use rosenblatt_tensor::Result;

use super::{Setting, exp_m1_below_zero};
use crate::{Attributes, Elementwise, Real, Unary, Var};

/// Exponential linear unit, element-wise.
///
/// `y = x` for `x > 0`, else `α (eˣ − 1)`;  `dy/dx = 1` or `α eˣ`
///
/// # Numerics
/// `eˣ − 1` by `tanh`, which does not cancel near 0: at most 2.6 ULP off in f32, near 0. The derivative at 0 is `α`, as in PyTorch.
///
/// # Reference
/// Clevert, Unterthiner, Hochreiter: Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs). ICLR 2016.
/// arXiv:1511.07289.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elu {
    /// Value far below 0 is `−α`; any finite number.
    pub alpha: f64,
}

/// The paper's and PyTorch's value.
const ALPHA: Setting = Setting {
    name: "alpha",
    default: 1.0,
    range: Setting::FINITE,
    about: "Scale for negative inputs, `α`: far below 0 the value is `−α`; any finite number.",
};

impl Default for Elu {
    fn default() -> Self {
        Self { alpha: ALPHA.default }
    }
}

impl Elementwise for Elu {
    const NAME: &'static str = "elu";
    const ABOUT: &'static str = "Exponential linear unit, element-wise.";
    const SETTINGS: &'static [Setting] = &[ALPHA];

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        let (zero, alpha) = (x.full_like(0.0), x.full_like(self.alpha));
        let positive = x.gt(zero);
        let below = alpha * exp_m1_below_zero(T::select(positive, zero, x));
        T::select(positive, x, below)
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        let (zero, alpha) = (x.full_like(0.0), x.full_like(self.alpha));
        let positive = x.gt(zero);
        let below = alpha * T::select(positive, zero, x).exp();
        T::select(positive, x.full_like(1.0), below)
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with(ALPHA.name, self.alpha)
    }

    fn make(attributes: &Attributes) -> Result<Self> {
        Ok(Self {
            alpha: attributes.float(ALPHA.name)?,
        })
    }

    fn instances() -> Vec<Self> {
        vec![Self::default(), Self { alpha: 0.3 }]
    }
}

impl<'g> Var<'g> {
    /// `x` for `x > 0`, else `alpha · (eˣ − 1)`, element-wise: see [`Elu`](crate::pointwise::Elu).
    #[must_use]
    #[track_caller]
    pub fn elu(self, alpha: f64) -> Self {
        self.apply(Unary(Elu { alpha }))
    }
}
