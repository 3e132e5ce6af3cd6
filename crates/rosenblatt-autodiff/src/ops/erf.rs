//! The error function.

use std::f64::consts::FRAC_2_SQRT_PI;

use crate::{Elementwise, Real, Unary, Var};

/// Error function, element-wise.
///
/// `y = 2/√π ∫₀ˣ exp(−t²) dt`;  `dy/dx = 2/√π exp(−x²)`
///
/// # Numerics
/// At most 1 ULP off in f32.
#[derive(Clone, Copy, Debug)]
pub struct Erf;

impl Elementwise for Erf {
    const NAME: &'static str = "erf";
    const DOMAIN: (f64, f64) = (-3.0, 3.0);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x.erf()
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        x.full_like(FRAC_2_SQRT_PI) * (-(x * x)).exp()
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// The error function, element-wise.
    #[must_use]
    #[track_caller]
    pub fn erf(self) -> Self {
        self.apply(Unary(Erf))
    }
}
