//! Hard swish.

use super::HardSigmoid;
use crate::{Elementwise, Real, Unary, Var};

/// Hard swish, element-wise: [`super::Silu`] with the piecewise linear gate [`HardSigmoid`].
///
/// `y = x · min(max(x/6 + 1/2, 0), 1)`;  `dy/dx = 0` for `x ≤ −3`, `x/3 + 1/2` for `−3 < x < 3`, `1` for `x ≥ 3`
///
/// # Numerics
/// Within 1.9 ULP in f32. At ±3 the derivative is 0 and 1, as in PyTorch.
///
/// # Reference
/// Howard et al.: Searching for MobileNetV3. ICCV 2019. arXiv:1905.02244.
#[derive(Clone, Copy, Debug, Default)]
pub struct HardSwish;

impl Elementwise for HardSwish {
    const NAME: &'static str = "hard_swish";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        // Not −∞ · 0.
        let t = T::select(x.le(x.full_like(-3.0)), x.full_like(-3.0), x);
        t * HardSigmoid.f(t)
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        let three = x.full_like(3.0);
        // (2x + 3) / 6 does not cancel near −1.5, where x/3 + 1/2 does.
        let rise = (x + x + three) / x.full_like(6.0);
        let below = T::select(x.le(-three), x.full_like(0.0), rise);
        T::select(x.ge(three), x.full_like(1.0), below)
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `x · min(max(x/6 + 1/2, 0), 1)`, element-wise: see [`HardSwish`](crate::pointwise::HardSwish).
    #[must_use]
    #[track_caller]
    pub fn hard_swish(self) -> Self {
        self.apply(Unary(HardSwish))
    }
}
