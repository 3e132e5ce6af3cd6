//! Hard tanh.

use super::clip;
use crate::{Elementwise, Real, Unary, Var};

/// Hard tanh, element-wise: piecewise linear, as [`super::Tanh`] saturates on both sides.
///
/// `y = min(max(x, −1), 1)`;  `dy/dx = 1` for `−1 < x < 1`, else 0
///
/// # Numerics
/// Exact. At ±1 the derivative is 0, as in PyTorch. NaN stays NaN.
///
/// # Reference
/// Collobert: Large Scale Machine Learning. Thesis, Université Paris VI, 2004.
#[derive(Clone, Copy, Debug, Default)]
pub struct HardTanh;

impl Elementwise for HardTanh {
    const NAME: &'static str = "hard_tanh";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        clip(x, -1.0, 1.0)
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        let within = x.abs().lt(x.full_like(1.0));
        T::select(within, x.full_like(1.0), x.full_like(0.0))
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `min(max(x, −1), 1)`, element-wise: see [`HardTanh`](crate::pointwise::HardTanh).
    #[must_use]
    #[track_caller]
    pub fn hard_tanh(self) -> Self {
        self.apply(Unary(HardTanh))
    }
}
