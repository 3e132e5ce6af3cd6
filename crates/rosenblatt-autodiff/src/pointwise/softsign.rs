//! Softsign.

use super::clip;
use crate::{Elementwise, Real, Unary, Var};

/// Softsign, element-wise: as [`super::Tanh`], but its tails are polynomial.
///
/// `y = x / (1 + |x|)`;  `dy/dx = 1 / (1 + |x|)²`
///
/// # Numerics
/// Within 1.5 ULP in f32; at ±∞ it is ±1.
///
/// # Reference
/// Bergstra, Desjardins, Lamblin, Bengio: Quadratic Polynomials Learn Better Image Features. Technical report 1337, Université
/// de Montréal, 2009.
#[derive(Clone, Copy, Debug, Default)]
pub struct Softsign;

/// Beyond it the quotient is ±1 in f64.
const ONE: f64 = 1e18;

impl Elementwise for Softsign {
    const NAME: &'static str = "softsign";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        let x = clip(x, -ONE, ONE);
        x / (x.full_like(1.0) + x.abs())
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        let root = x.full_like(1.0) / (x.full_like(1.0) + x.abs());
        root * root
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `x / (1 + |x|)`, element-wise: see [`Softsign`](crate::pointwise::Softsign).
    #[must_use]
    #[track_caller]
    pub fn softsign(self) -> Self {
        self.apply(Unary(Softsign))
    }
}
