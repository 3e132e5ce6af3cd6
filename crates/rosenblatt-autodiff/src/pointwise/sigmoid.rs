//! The logistic function.

use crate::{Elementwise, Real, Unary, Var};

/// Logistic function, element-wise; by its alias `logistic`, too.
///
/// `y = 1 / (1 + e⁻ˣ)`;  `dy/dx = y (1 − y)`
///
/// # Numerics
/// At most 1 ULP off in f32, in the negative tail too. A primitive, so that its derivative needs `y` alone: composed, it
/// would come from a quotient that is `∞/∞` for large negative `x`. For large positive `x` the derivative cancels: its
/// absolute error stays below 2e-15 in f64 and 1e-7 in f32, its relative error does not.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sigmoid;

impl Elementwise for Sigmoid {
    const NAME: &'static str = "sigmoid";
    const ALIASES: &'static [&'static str] = &["logistic"];

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x.sigmoid()
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, y: T) -> T {
        y * (x.full_like(1.0) - y)
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `1 / (1 + e⁻ˣ)`, element-wise.
    #[must_use]
    #[track_caller]
    pub fn sigmoid(self) -> Self {
        self.apply(Unary(Sigmoid))
    }
}
