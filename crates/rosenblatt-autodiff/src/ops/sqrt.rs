//! The square root.

use crate::{Elementwise, Real, Unary, Var};

/// Square root, element-wise.
///
/// `y = √x`;  `dy/dx = 1/(2y)`
///
/// # Numerics
/// Correctly rounded; NaN below 0. The derivative at 0 is `∞`, as in PyTorch.
#[derive(Clone, Copy, Debug)]
pub struct Sqrt;

impl Elementwise for Sqrt {
    const NAME: &'static str = "sqrt";
    const DOMAIN: (f64, f64) = (0.1, 4.0);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x.sqrt()
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, y: T) -> T {
        x.full_like(0.5) / y
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `√x`, element-wise.
    #[must_use]
    #[track_caller]
    pub fn sqrt(self) -> Self {
        self.apply(Unary(Sqrt))
    }
}
