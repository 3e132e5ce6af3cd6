//! Absolute value.

use crate::{Elementwise, Real, Unary, Var};

/// Absolute value, element-wise.
///
/// `y = |x|`;  `dy/dx = sign x`
///
/// # Numerics
/// The derivative at 0 is 0, as in PyTorch. Of i64 too: the smallest one stays as it is.
#[derive(Clone, Copy, Debug)]
pub struct Abs;

impl Elementwise for Abs {
    const NAME: &'static str = "abs";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x.abs()
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        T::select(
            x.gt(x.full_like(0.0)),
            x.full_like(1.0),
            T::select(x.lt(x.full_like(0.0)), x.full_like(-1.0), x.full_like(0.0)),
        )
    }

    #[inline(always)]
    fn of_integer(x: i64) -> Option<i64> {
        Some(x.wrapping_abs())
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `|x|`, element-wise.
    #[must_use]
    #[track_caller]
    pub fn abs(self) -> Self {
        self.apply(Unary(Abs))
    }
}
