//! Scaled exponential linear unit.

use super::Elu;
use crate::{Elementwise, Real, Unary, Var};

/// The paper's `λ`, rounded to f64.
const SCALE: f64 = 1.050_700_987_355_480_5;
/// The paper's `α`, rounded to f64.
const ALPHA: f64 = 1.673_263_242_354_377_2;

/// Scaled exponential linear unit, element-wise: keeps mean 0 and variance 1 from layer to layer.
///
/// `y = λ x` for `x > 0`, else `λ α (eˣ − 1)`, with `λ ≈ 1.0507` and `α ≈ 1.6733`;  `dy/dx = λ` or `λ α eˣ`
///
/// # Numerics
/// As [`Elu`]: at most 3.4 ULP off in f32, near 0: one more product. The derivative at 0 is `λ α`, as in PyTorch.
///
/// # Reference
/// Klambauer, Unterthiner, Mayr, Hochreiter: Self-Normalizing Neural Networks. NIPS 2017. arXiv:1706.02515.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selu;

impl Elementwise for Selu {
    const NAME: &'static str = "selu";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        let below = Elu { alpha: SCALE * ALPHA }.f(x);
        T::select(x.gt(x.full_like(0.0)), x * x.full_like(SCALE), below)
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, y: T) -> T {
        let below = Elu { alpha: SCALE * ALPHA }.df(x, y);
        T::select(x.gt(x.full_like(0.0)), x.full_like(SCALE), below)
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `λ x` for `x > 0`, else `λ α (eˣ − 1)`, element-wise: see [`Selu`](crate::pointwise::Selu).
    #[must_use]
    #[track_caller]
    pub fn selu(self) -> Self {
        self.apply(Unary(Selu))
    }
}
