//! The hyperbolic tangent.

use crate::{Elementwise, Real, Unary, Var};

/// Hyperbolic tangent, element-wise.
///
/// `y = tanh x`;  `dy/dx = 1 − y²`
///
/// # Numerics
/// At most 1.1 ULP off in f32. A primitive, since `(eˣ − e⁻ˣ)/(eˣ + e⁻ˣ)` overflows for large `x` and cancels near 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tanh;

impl Elementwise for Tanh {
    const NAME: &'static str = "tanh";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x.tanh()
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, y: T) -> T {
        x.full_like(1.0) - y * y
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `tanh x`, element-wise.
    #[must_use]
    #[track_caller]
    pub fn tanh(self) -> Self {
        self.apply(Unary(Tanh))
    }
}
