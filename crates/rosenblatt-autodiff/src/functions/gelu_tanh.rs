//! Gaussian error linear unit, approximated.

use std::f64::consts::FRAC_2_PI;

use super::{Definition, Function, in_f64};
use crate::{Oracle, Var};

/// The registry entry.
#[expect(clippy::disallowed_methods, reason = "a definition that only tests compute")]
pub const FUNCTION: Function = Function {
    name: "gelu_tanh",
    apply: gelu_tanh,
    oracle: Oracle::PyTorch,
    definition: Definition::OfNumber(|x| {
        let inner = FRAC_2_PI.sqrt() * (x + CUBIC * x.powi(3));
        if x < 0.0 {
            x / (1.0 + (-2.0 * inner).exp())
        } else {
            0.5 * x * (1.0 + inner.tanh())
        }
    }),
};

/// Fitted by the authors.
const CUBIC: f64 = 0.044715;

/// Beyond this size the factor of `x` is 0 or 1 in f64, so that a larger cube would change nothing but overflow.
const SATURATED: f64 = 30.0;

/// Gaussian error linear unit, the approximation with tanh, element-wise.
///
/// `y = x/2 · (1 + tanh u) = x σ(2u)` with `u = √(2/π) (x + 0.044715 x³)`
///
/// # Numerics
/// By `σ`, which is accurate in the negative tail, where `1 + tanh` cancels. Within 1 ULP in f32: computed in f64, since
/// for negative `x` the rounding of `u` alone would cost up to 150 ULP.
///
/// # Reference
/// Hendrycks, Gimpel: Gaussian Error Linear Units. 2016. arXiv:1606.08415.
#[track_caller]
pub fn gelu_tanh(x: Var<'_>) -> Var<'_> {
    in_f64(x, |x| {
        let t = x.clamp(-SATURATED, SATURATED);
        let u = FRAC_2_PI.sqrt() * (t + CUBIC * t * t * t);
        x * (2.0 * u).sigmoid()
    })
}
