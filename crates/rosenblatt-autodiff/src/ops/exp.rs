//! The exponential function.

use crate::{Elementwise, Real, Unary, Var};

/// Exponential, element-wise.
///
/// `y = eˣ`;  `dy/dx = y`
///
/// # Numerics
/// At most 1 ULP off in f32; overflows to `∞` and underflows to 0.
#[derive(Clone, Copy, Debug)]
pub struct Exp;

impl Elementwise for Exp {
    const NAME: &'static str = "exp";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x.exp()
    }

    #[inline(always)]
    fn df<T: Real>(&self, _x: T, y: T) -> T {
        y
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `eˣ`, element-wise.
    #[must_use]
    #[track_caller]
    pub fn exp(self) -> Self {
        self.apply(Unary(Exp))
    }
}
