//! Softplus.

use super::Derivative;
use crate::{Elementwise, Family, Real, Unary, Var};

/// Softplus, element-wise: a smooth ReLU, whose derivative is the logistic function.
///
/// `y = ln(1 + eˣ)`
///
/// # Numerics
/// As `max(x, 0) + ln(1 + exp(−|x|))`, which cannot overflow; branches are chosen so that at 0 all derivatives are those
/// of the smooth function. At most 1.5 ULP off in f32. Of the derivative, exponential, sum, quotient and
/// the product with the cotangent round one after the other: at most 5 ULP (3.1 was seen).
///
/// # Reference
/// Dugas, Bengio, Bélisle, Nadeau, Garcia: Incorporating Second-Order Functional Knowledge for Better Option Pricing.
/// NIPS 2000.
#[derive(Clone, Copy, Debug, Default)]
pub struct Softplus;

impl Elementwise for Softplus {
    const NAME: &'static str = "softplus";
    const DERIVATIVE: Option<Family> = Some(Derivative::<Self>::FAMILY);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        let zero = x.full_like(0.0);
        let positive = x.gt(zero);
        T::select(positive, x, zero) + T::select(positive, -x, x).exp().ln_1p()
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `ln(1 + eˣ)`, element-wise: see [`Softplus`](crate::pointwise::Softplus).
    #[must_use]
    #[track_caller]
    pub fn softplus(self) -> Self {
        self.apply(Unary(Softplus))
    }
}
