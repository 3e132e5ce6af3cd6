//! The complementary error function.

use std::f64::consts::FRAC_2_SQRT_PI;

use crate::{Elementwise, Real, Unary, Var};

/// Complementary error function, element-wise.
///
/// `y = 1 − erf x`;  `dy/dx = −2/√π exp(−x²)`
///
/// # Numerics
/// At most 2 ULP off in f32. A primitive, since `1 − erf x` cancels for positive `x` and loses every digit above about 4.
#[derive(Clone, Copy, Debug)]
pub struct Erfc;

impl Elementwise for Erfc {
    const NAME: &'static str = "erfc";
    const DOMAIN: (f64, f64) = (-3.0, 3.0);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x.erfc()
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        x.full_like(-FRAC_2_SQRT_PI) * (-(x * x)).exp()
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `1 − erf x`, element-wise, accurate where that is tiny.
    #[must_use]
    #[track_caller]
    pub fn erfc(self) -> Self {
        self.apply(Unary(Erfc))
    }
}
