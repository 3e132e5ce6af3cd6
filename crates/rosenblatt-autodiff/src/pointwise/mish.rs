//! Mish.

use super::{Derivative, inside, with_tails};
use crate::{Elementwise, Family, Real, Unary, Var};

/// Mish, element-wise: smooth, and not monotonic.
///
/// `y = x tanh(ln(1 + eˣ))`
///
/// # Numerics
/// With `w = e^(−|x|)` it is `x (1 + 2w) / (1 + 2w + 2w²)` for positive `x`, else `x w (w + 2) / (w (w + 2) + 2)`: nothing
/// overflows or cancels. Within 0.51 ULP in f32: computed in f64.
///
/// # Reference
/// Misra: Mish, a Self Regularized Non-Monotonic Activation Function. BMVC 2020. arXiv:1908.08681.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mish;

impl Elementwise for Mish {
    const NAME: &'static str = "mish";
    const IN_F64: bool = true;
    const DERIVATIVE: Option<Family> = Some(Derivative::<Self>::FAMILY);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        let gate = |x: T| {
            let (one, two) = (x.full_like(1.0), x.full_like(2.0));
            let positive = x.gt(x.full_like(0.0));
            let w = T::select(positive, -x, x).exp();
            let tail = w * (w + two);
            let rise = T::select(positive, one + two * w, tail);
            let rest = T::select(positive, two * w * w, two);
            rise / (rise + rest)
        };
        let near = inside(x);
        with_tails(x, near * gate(near))
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `x tanh(ln(1 + eˣ))`, element-wise: see [`Mish`](crate::pointwise::Mish).
    #[must_use]
    #[track_caller]
    pub fn mish(self) -> Self {
        self.apply(Unary(Mish))
    }
}
