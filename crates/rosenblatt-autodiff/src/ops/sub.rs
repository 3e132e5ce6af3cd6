//! Subtraction.

use crate::{Elementwise2, Real};

/// Difference, element-wise; operands are broadcast.
///
/// `y = a − b`;  `∂y/∂a = 1`, `∂y/∂b = −1`
///
/// # Numerics
/// Of i64 too: it wraps on overflow, and has no derivative.
#[derive(Clone, Copy, Debug)]
pub struct Sub;

impl Elementwise2 for Sub {
    const NAME: &'static str = "sub";

    #[inline(always)]
    fn f<T: Real>(&self, a: T, b: T) -> T {
        a - b
    }

    fn da<T: Real>(&self, _a: T, _b: T, _y: T, dy: T) -> T {
        dy
    }

    fn db<T: Real>(&self, _a: T, _b: T, _y: T, dy: T) -> T {
        -dy
    }

    #[inline(always)]
    fn of_integers(a: i64, b: i64) -> Option<i64> {
        Some(a.wrapping_sub(b))
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}
