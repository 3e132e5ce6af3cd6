//! Weighted sum of two values.

use crate::{Binary, Elementwise2, Real, Var};

/// Weighted sum, element-wise; operands are broadcast.
///
/// `y = p a + q b`;  `∂y/∂a = p`, `∂y/∂b = q`
///
/// A primitive, though it is two products and a sum, because a moving average in an optimiser's chain is one loop
/// instead of three: Adam's chain falls from 15 loops to 11, which is 2 µs of a 32 µs step of a 30-64-64-2 network.
///
/// # Numerics
/// Each product is rounded, then the sum: the bits of the composition, and its cancellation.
#[derive(Clone, Copy, Debug)]
pub struct Blend {
    /// Weight of the first operand.
    pub p: f64,
    /// Weight of the second operand.
    pub q: f64,
}

impl Elementwise2 for Blend {
    const NAME: &'static str = "blend";
    // Where nothing cancels: f32 is compared with f64 by units in the last place.
    const DOMAIN: [(f64, f64); 2] = [(0.1, 4.0); 2];

    #[inline(always)]
    fn f<T: Real>(&self, a: T, b: T) -> T {
        a * a.lit(self.p) + b * b.lit(self.q)
    }

    fn da<T: Real>(&self, _a: T, _b: T, _y: T, dy: T) -> T {
        dy * dy.lit(self.p)
    }

    fn db<T: Real>(&self, _a: T, _b: T, _y: T, dy: T) -> T {
        dy * dy.lit(self.q)
    }

    fn instances() -> Vec<Self> {
        vec![Self { p: 0.9, q: 0.1 }, Self { p: 2.0, q: 0.5 }]
    }
}

impl<'g> Var<'g> {
    /// `p · self + q · other`, element-wise.
    #[must_use]
    #[track_caller]
    pub fn blend(self, p: f64, other: Self, q: f64) -> Self {
        self.apply2(Binary(Blend { p, q }), other)
    }
}
