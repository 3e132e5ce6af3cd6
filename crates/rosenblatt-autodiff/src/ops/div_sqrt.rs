//! Quotient by a root and an offset.

use crate::{Elementwise3, Real, Ternary, Var};

/// Quotient by a root and an offset, element-wise; operands are broadcast.
///
/// `y = a / (√b + c)`;  `∂y/∂a = 1 / (√b + c)`, `∂y/∂c = −y ∂y/∂a`, `∂y/∂b = −y ∂y/∂a / (2 √b)`
///
/// A primitive, though it is composed of three, because it is what optimisers that scale each weight by the size of its
/// gradients do with every weight (Adam, RMSProp): one loop instead of three.
///
/// # Ranges
/// NaN for `b < 0`; at `b = 0` the derivative by `b` is infinite.
#[derive(Clone, Copy, Debug)]
pub struct DivSqrt;

impl Elementwise3 for DivSqrt {
    const NAME: &'static str = "div_sqrt";
    const DOMAIN: [(f64, f64); 3] = [(-4.0, 4.0), (0.1, 4.0), (0.1, 4.0)];

    #[inline(always)]
    fn f<T: Real>(&self, a: T, b: T, c: T) -> T {
        a / (b.sqrt() + c)
    }

    fn d<T: Real>(&self, i: usize, [_, b, c]: [T; 3], y: T, dy: T) -> T {
        let root = b.sqrt();
        let by_a = dy / (root + c);
        match i {
            0 => by_a,
            1 => -(by_a * y) / (root * root.full_like(2.0)),
            _ => -(by_a * y),
        }
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `self / (√b + c)`, element-wise.
    #[must_use]
    #[track_caller]
    pub fn div_sqrt(self, b: Self, c: Self) -> Self {
        self.graph().apply(Ternary(DivSqrt), &[self, b, c])
    }
}
