//! Division.

use crate::{Elementwise2, Real};

/// Quotient, element-wise; operands are broadcast.
///
/// `y = a / b`;  `∂y/∂a = 1/b`, `∂y/∂b = −y/b`
#[derive(Clone, Copy, Debug)]
pub struct Div;

impl Elementwise2 for Div {
    const NAME: &'static str = "div";
    const DOMAIN: [(f64, f64); 2] = [(-4.0, 4.0), (0.3, 4.0)];

    #[inline(always)]
    fn f<T: Real>(&self, a: T, b: T) -> T {
        a / b
    }

    fn da<T: Real>(&self, _a: T, b: T, _y: T, dy: T) -> T {
        dy / b
    }

    fn db<T: Real>(&self, _a: T, b: T, y: T, dy: T) -> T {
        -(dy * (y / b))
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}
