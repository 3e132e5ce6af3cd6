//! The natural logarithm near 1.

use crate::{Elementwise, Real, Unary, Var};

/// Logarithm of one more, element-wise.
///
/// `y = ln(1 + x)`;  `dy/dx = 1/(1 + x)`
///
/// # Numerics
/// At most 1 ULP off, also where `1 + x` would have lost every digit of `x`; `−∞` at −1, NaN below.
#[derive(Clone, Copy, Debug)]
pub struct Ln1p;

impl Elementwise for Ln1p {
    const NAME: &'static str = "ln_1p";
    const DOMAIN: (f64, f64) = (-0.9, 4.0);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x.ln_1p()
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        x.full_like(1.0) / (x.full_like(1.0) + x)
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `ln(1 + x)`, element-wise, accurate for small `x`.
    #[must_use]
    #[track_caller]
    pub fn ln_1p(self) -> Self {
        self.apply(Unary(Ln1p))
    }
}
