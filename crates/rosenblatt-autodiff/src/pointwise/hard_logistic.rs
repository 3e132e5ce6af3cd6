//! Hard logistic function.

use super::clip;
use crate::{Elementwise, Real, Unary, Var};

/// Hard logistic function, element-wise: the tangent of [`super::Sigmoid`] at 0, cut off at 0 and 1.
///
/// `y = min(max(x/4 + 1/2, 0), 1)`;  `dy/dx = 1/4` for `−2 < x < 2`, else 0
///
/// # Numerics
/// As `(x + 2) / 4`, which does not cancel near −2: within 0.51 ULP in f32. At ±2 the derivative is 0. NaN stays NaN.
///
/// # Differences
/// PyTorch's `Hardsigmoid`, with slope 1/6, is [`super::HardSigmoid`].
///
/// # Reference
/// Gulcehre, Moczulski, Denil, Bengio: Noisy Activation Functions. ICML 2016. arXiv:1603.00391.
#[derive(Clone, Copy, Debug, Default)]
pub struct HardLogistic;

impl Elementwise for HardLogistic {
    const NAME: &'static str = "hard_logistic";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        clip(x + x.full_like(2.0), 0.0, 4.0) * x.full_like(0.25)
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        let within = x.abs().lt(x.full_like(2.0));
        T::select(within, x.full_like(0.25), x.full_like(0.0))
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `min(max(x/4 + 1/2, 0), 1)`, element-wise: see [`HardLogistic`](crate::pointwise::HardLogistic).
    #[must_use]
    #[track_caller]
    pub fn hard_logistic(self) -> Self {
        self.apply(Unary(HardLogistic))
    }
}
