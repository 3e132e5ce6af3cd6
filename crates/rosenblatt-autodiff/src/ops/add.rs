//! Addition.

use crate::{Elementwise2, Real};

/// Sum, element-wise; operands are broadcast.
///
/// `y = a + b`;  `∂y/∂a = ∂y/∂b = 1`
///
/// # Numerics
/// Of i64 too: it wraps on overflow, and has no derivative.
#[derive(Clone, Copy, Debug)]
pub struct Add;

impl Elementwise2 for Add {
    const NAME: &'static str = "add";

    #[inline(always)]
    fn f<T: Real>(&self, a: T, b: T) -> T {
        a + b
    }

    fn da<T: Real>(&self, _a: T, _b: T, _y: T, dy: T) -> T {
        dy
    }

    fn db<T: Real>(&self, _a: T, _b: T, _y: T, dy: T) -> T {
        dy
    }

    #[inline(always)]
    fn of_integers(a: i64, b: i64) -> Option<i64> {
        Some(a.wrapping_add(b))
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}
