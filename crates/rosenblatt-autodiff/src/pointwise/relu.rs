//! Rectified linear unit.

use crate::{Elementwise, Real, Unary, Var};

/// Rectified linear unit, element-wise.
///
/// `y = max(x, 0)`;  `dy/dx = 1` for `y > 0`, else 0
///
/// # Numerics
/// Exact. The derivative at 0 is 0, as in PyTorch, and is taken from `y`, so that `x` need not be kept. NaN passes.
///
/// # Reference
/// Nair, Hinton: Rectified Linear Units Improve Restricted Boltzmann Machines. ICML 2010.
#[derive(Clone, Copy, Debug, Default)]
pub struct Relu;

impl Elementwise for Relu {
    const NAME: &'static str = "relu";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        T::select(x.le(x.full_like(0.0)), x.full_like(0.0), x)
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, y: T) -> T {
        T::select(y.le(x.full_like(0.0)), x.full_like(0.0), x.full_like(1.0))
    }

    #[inline(always)]
    fn pull<T: Real>(&self, _x: T, y: T, dy: T) -> T {
        T::select(y.le(y.full_like(0.0)), y.full_like(0.0), dy)
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `max(x, 0)`, element-wise.
    #[must_use]
    #[track_caller]
    pub fn relu(self) -> Self {
        self.apply(Unary(Relu))
    }
}
