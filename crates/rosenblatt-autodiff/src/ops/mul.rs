//! Multiplication.

use crate::{Elementwise2, Real};

/// Product, element-wise; operands are broadcast.
///
/// `y = a b`;  `∂y/∂a = b`, `∂y/∂b = a`
///
/// # Numerics
/// Of i64 too: it wraps on overflow, and has no derivative.
#[derive(Clone, Copy, Debug)]
pub struct Mul;

impl Elementwise2 for Mul {
    const NAME: &'static str = "mul";

    #[inline(always)]
    fn f<T: Real>(&self, a: T, b: T) -> T {
        a * b
    }

    fn da<T: Real>(&self, _a: T, b: T, _y: T, dy: T) -> T {
        dy * b
    }

    fn db<T: Real>(&self, a: T, _b: T, _y: T, dy: T) -> T {
        dy * a
    }

    #[inline(always)]
    fn of_integers(a: i64, b: i64) -> Option<i64> {
        Some(a.wrapping_mul(b))
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}
