//! The sine.

use crate::{Elementwise, Real, Unary, Var};

/// Sine of radians, element-wise.
///
/// `y = sin x`;  `dy/dx = cos x`
///
/// # Numerics
/// At most 1 ULP off for `|x| ≤ 2⁴⁸`.
#[derive(Clone, Copy, Debug)]
pub struct Sin;

impl Elementwise for Sin {
    const NAME: &'static str = "sin";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x.sin()
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        x.cos()
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `sin x`, element-wise, `x` in radians.
    #[must_use]
    #[track_caller]
    pub fn sin(self) -> Self {
        self.apply(Unary(Sin))
    }
}
