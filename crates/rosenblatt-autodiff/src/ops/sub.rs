//! Subtraction.

use crate::{Elementwise2, Real};

/// Difference, element-wise; operands are broadcast.
///
/// `y = a − b`;  `∂y/∂a = 1`, `∂y/∂b = −1`
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

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}
