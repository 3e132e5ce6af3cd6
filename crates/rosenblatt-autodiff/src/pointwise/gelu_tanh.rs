//! Gaussian error linear unit, approximated.

use std::f64::consts::FRAC_2_PI;

use super::{Derivative, inside, with_tails};
use crate::{Elementwise, Family, Real, Unary, Var};

/// Fitted by the authors.
const CUBIC: f64 = 0.044715;

/// Gaussian error linear unit, the approximation with tanh, element-wise.
///
/// `y = x/2 · (1 + tanh u) = x σ(2u)` with `u = √(2/π) (x + 0.044715 x³)`
///
/// # Numerics
/// By `σ`, which is accurate in the negative tail, where `1 + tanh` cancels. Within 0.51 ULP in f32: computed in f64, since
/// for negative `x` the rounding of `u` alone would cost up to 150 ULP. That is what it costs in f64: up to `2x²` ULP
/// below −1, the value being tiny there.
///
/// # Reference
/// Hendrycks, Gimpel: Gaussian Error Linear Units. 2016. arXiv:1606.08415.
#[derive(Clone, Copy, Debug, Default)]
pub struct GeluTanh;

impl Elementwise for GeluTanh {
    const NAME: &'static str = "gelu_tanh";
    const IN_F64: bool = true;
    const DERIVATIVE: Option<Family> = Some(Derivative::<Self>::FAMILY);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        let near = inside(x);
        let cube = near.full_like(CUBIC) * near * near * near;
        let u = near.full_like(FRAC_2_PI.sqrt()) * (near + cube);
        with_tails(x, near * (near.full_like(2.0) * u).sigmoid())
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `x σ(2u)` with `u = √(2/π) (x + 0.044715 x³)`, element-wise: see [`GeluTanh`](crate::pointwise::GeluTanh).
    #[must_use]
    #[track_caller]
    pub fn gelu_tanh(self) -> Self {
        self.apply(Unary(GeluTanh))
    }
}
