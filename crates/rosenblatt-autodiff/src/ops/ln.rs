//! The natural logarithm.

use crate::{Elementwise, Real, Unary, Var};

/// Natural logarithm, element-wise.
///
/// `y = ln x`;  `dy/dx = 1/x`
///
/// # Numerics
/// At most 1 ULP off; `−∞` at 0, NaN below.
#[derive(Clone, Copy, Debug)]
pub struct Ln;

impl Elementwise for Ln {
    const NAME: &'static str = "ln";
    const DOMAIN: (f64, f64) = (0.1, 4.0);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x.ln()
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        x.full_like(1.0) / x
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `ln x`, element-wise.
    #[must_use]
    #[track_caller]
    pub fn ln(self) -> Self {
        self.apply(Unary(Ln))
    }
}
