//! Square.

use super::Derivative;
use crate::{Elementwise, Family, Real, Unary, Var};

/// Square, element-wise.
///
/// `y = x²`
///
/// # Numerics
/// Rounded once: within 0.51 ULP in f32. Of i64 too: it wraps on overflow, and has no derivative.
#[derive(Clone, Copy, Debug, Default)]
pub struct Square;

impl Elementwise for Square {
    const NAME: &'static str = "square";
    const DERIVATIVE: Option<Family> = Some(Derivative::<Self>::FAMILY);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x * x
    }

    #[inline(always)]
    fn of_integer(x: i64) -> Option<i64> {
        Some(x.wrapping_mul(x))
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `x²`, element-wise: see [`Square`](crate::pointwise::Square).
    #[must_use]
    #[track_caller]
    pub fn square(self) -> Self {
        self.apply(Unary(Square))
    }
}
