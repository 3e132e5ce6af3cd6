//! Sign.

use crate::{Elementwise, Real, Unary, Var};

/// Sign, element-wise.
///
/// `y = 1` for `x > 0`, `−1` for `x < 0`, `0` for `x = 0`;  `dy/dx = 0`
///
/// # Numerics
/// Exact. NaN stays NaN, as in NumPy (PyTorch gives 0); −0 stays −0. Of i64 too. As an activation it is the step function of the
/// perceptron; nothing before it is learned, since its derivative is 0.
///
/// # Reference
/// Rosenblatt: The Perceptron: A Probabilistic Model for Information Storage and Organization in the Brain. 1958.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sign;

impl Elementwise for Sign {
    const NAME: &'static str = "sign";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        let zero = x.full_like(0.0);
        // The product keeps NaN.
        T::select(
            x.gt(zero),
            x.full_like(1.0),
            T::select(x.lt(zero), x.full_like(-1.0), x * zero),
        )
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        x.full_like(0.0)
    }

    #[inline(always)]
    fn of_integer(x: i64) -> Option<i64> {
        Some(x.signum())
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// 1, 0 or −1 as `x` is above 0, 0 or below, element-wise.
    #[must_use]
    #[track_caller]
    pub fn sign(self) -> Self {
        self.apply(Unary(Sign))
    }
}
