//! Tiny numbers to zero.

use crate::{Elementwise, Oracle, Real, Unary, Var};

/// Tiny numbers to zero, element-wise.
///
/// `y = 0` where `|x| < 2⁻¹⁰⁰` (f32) or `2⁻⁹⁰⁰` (f64), else `x`;  `dy/dx = 1`
///
/// # Numerics
/// Keeps decaying state (Adam's moments of units that are never active) from becoming subnormal, where a CPU is many times
/// slower. For derivatives it is the identity: what it removes is rounding.
#[derive(Clone, Copy, Debug)]
pub struct Flush;

impl Elementwise for Flush {
    const NAME: &'static str = "flush";
    const ORACLE: Oracle = Oracle::Exhaustive;

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x.flush()
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        x.full_like(1.0)
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// 0 where `|x|` is tiny, else `x`, element-wise.
    #[must_use]
    #[track_caller]
    pub fn flush(self) -> Self {
        self.apply(Unary(Flush))
    }
}
