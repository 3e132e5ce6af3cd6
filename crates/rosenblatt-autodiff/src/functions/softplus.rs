//! Softplus.

use super::{Definition, Function};
use crate::{Oracle, Var};

/// The registry entry.
#[expect(clippy::disallowed_methods, reason = "a definition that only tests compute")]
pub const FUNCTION: Function = Function {
    name: "softplus",
    apply: softplus,
    oracle: Oracle::PyTorch,
    definition: Definition::OfNumber(|x| {
        if x > 0.0 {
            x + (-x).exp().ln_1p()
        } else {
            x.exp().ln_1p()
        }
    }),
};

/// Softplus, element-wise: a smooth ReLU, whose derivative is the logistic function.
///
/// `y = ln(1 + eˣ)`
///
/// # Numerics
/// As `max(x, 0) + ln(1 + exp(−|x|))`, which cannot overflow; branches are chosen so that at 0 all derivatives are those
/// of the smooth function.
///
/// # Reference
/// Dugas, Bengio, Bélisle, Nadeau, Garcia: Incorporating Second-Order Functional Knowledge for Better Option Pricing.
/// NIPS 2000.
#[track_caller]
pub fn softplus(x: Var<'_>) -> Var<'_> {
    let zero = x.full_like(0.0);
    let positive = x.gt(zero);
    positive.select(x, zero) + positive.select(-x, x).exp().ln_1p()
}
