//! Sigmoid linear unit.

use super::{Derivative, inside, with_tails};
use crate::{Elementwise, Family, Real, Unary, Var};

/// Sigmoid linear unit, also called Swish, element-wise.
///
/// `y = x σ(x)`
///
/// # Numerics
/// Within 0.51 ULP in f32: computed in f64, since below −87 `σ(x)` is subnormal in f32 and would cost up to 52 ULP.
///
/// # Reference
/// Elfwing, Uchibe, Doya: Sigmoid-Weighted Linear Units for Neural Network Function Approximation in Reinforcement
/// Learning. 2018. arXiv:1702.03118. Ramachandran, Zoph, Le: Searching for Activation Functions. 2017. arXiv:1710.05941.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silu;

impl Elementwise for Silu {
    const NAME: &'static str = "silu";
    const IN_F64: bool = true;
    const DERIVATIVE: Option<Family> = Some(Derivative::<Self>::FAMILY);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        let near = inside(x);
        with_tails(x, near * near.sigmoid())
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `x σ(x)`, element-wise: see [`Silu`](crate::pointwise::Silu).
    #[must_use]
    #[track_caller]
    pub fn silu(self) -> Self {
        self.apply(Unary(Silu))
    }
}
