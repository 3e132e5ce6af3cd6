//! Hard sigmoid.

use super::clip;
use crate::{Elementwise, Real, Unary, Var};

/// Hard sigmoid, element-wise: piecewise linear, as [`super::Sigmoid`] saturates on both sides.
///
/// `y = min(max(x/6 + 1/2, 0), 1)`;  `dy/dx = 1/6` for `−3 < x < 3`, else 0
///
/// # Numerics
/// As `(x + 3) / 6`, which does not cancel near −3: within 1 ULP in f32. At ±3 the derivative is 0, as in PyTorch. NaN stays NaN.
///
/// # Differences
/// With slope 1/4 it is [`super::HardLogistic`].
///
/// # Reference
/// Howard et al.: Searching for MobileNetV3. ICCV 2019. arXiv:1905.02244.
#[derive(Clone, Copy, Debug, Default)]
pub struct HardSigmoid;

impl Elementwise for HardSigmoid {
    const NAME: &'static str = "hard_sigmoid";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        clip(x + x.full_like(3.0), 0.0, 6.0) / x.full_like(6.0)
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        let within = x.abs().lt(x.full_like(3.0));
        T::select(within, x.full_like(1.0 / 6.0), x.full_like(0.0))
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `min(max(x/6 + 1/2, 0), 1)`, element-wise: see [`HardSigmoid`](crate::pointwise::HardSigmoid).
    #[must_use]
    #[track_caller]
    pub fn hard_sigmoid(self) -> Self {
        self.apply(Unary(HardSigmoid))
    }
}
