//! Negation.

use crate::{Elementwise, Real};

/// Negation, element-wise.
///
/// `y = −x`;  `dy/dx = −1`
///
/// # Numerics
/// Of i64 too: it wraps on overflow, and has no derivative.
#[derive(Clone, Copy, Debug)]
pub struct Neg;

impl Elementwise for Neg {
    const NAME: &'static str = "neg";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        -x
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        x.full_like(-1.0)
    }

    #[inline(always)]
    fn of_integer(x: i64) -> Option<i64> {
        Some(x.wrapping_neg())
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}
