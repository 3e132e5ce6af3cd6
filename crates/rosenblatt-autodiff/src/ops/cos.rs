//! The cosine.

use crate::{Elementwise, Real, Unary, Var};

/// Cosine of radians, element-wise.
///
/// `y = cos x`;  `dy/dx = −sin x`
///
/// # Numerics
/// At most 1 ULP off for `|x| ≤ 2⁴⁸`.
#[derive(Clone, Copy, Debug)]
pub struct Cos;

impl Elementwise for Cos {
    const NAME: &'static str = "cos";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x.cos()
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        -x.sin()
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `cos x`, element-wise, `x` in radians.
    #[must_use]
    #[track_caller]
    pub fn cos(self) -> Self {
        self.apply(Unary(Cos))
    }
}
