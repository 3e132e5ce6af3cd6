//! Gaussian error linear unit.

use std::f64::consts::FRAC_1_SQRT_2;

use super::{Derivative, inside, with_tails};
use crate::{Elementwise, Family, Real, Unary, Var};

/// Gaussian error linear unit, exact form, element-wise.
///
/// `y = x Φ(x) = x/2 · erfc(−x / √2)`
///
/// # Numerics
/// `erfc`, not `1 + erf`: the latter cancels for negative `x` and loses every digit below about −5. Within 0.51 ULP in f32:
/// computed in f64, since for negative `x` a rounded `x/√2` alone would cost up to 190 ULP. That is what it costs in f64:
/// up to `2x²` ULP below −1, the value being tiny there.
///
/// # Differences
/// PyTorch's `approximate="tanh"` is [`super::GeluTanh`]; it departs by up to 5e-4.
///
/// # Reference
/// Hendrycks, Gimpel: Gaussian Error Linear Units. 2016. arXiv:1606.08415.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gelu;

impl Elementwise for Gelu {
    const NAME: &'static str = "gelu";
    const IN_F64: bool = true;
    const DERIVATIVE: Option<Family> = Some(Derivative::<Self>::FAMILY);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        let near = inside(x);
        let tail = (near * near.full_like(-FRAC_1_SQRT_2)).erfc();
        with_tails(x, near.full_like(0.5) * near * tail)
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `x/2 · erfc(−x / √2)`, element-wise: see [`Gelu`](crate::pointwise::Gelu).
    #[must_use]
    #[track_caller]
    pub fn gelu(self) -> Self {
        self.apply(Unary(Gelu))
    }
}
