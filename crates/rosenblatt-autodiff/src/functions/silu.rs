//! Sigmoid linear unit.

use super::{Definition, Function, in_f64};
use crate::{Oracle, Var};

/// The registry entry.
#[expect(clippy::disallowed_methods, reason = "a definition that only tests compute")]
pub const FUNCTION: Function = Function {
    name: "silu",
    apply: silu,
    oracle: Oracle::PyTorch,
    definition: Definition::OfNumber(|x| x / (1.0 + (-x).exp())),
};

/// Sigmoid linear unit, also called Swish, element-wise.
///
/// `y = x σ(x)`
///
/// # Numerics
/// Within 1 ULP in f32: computed in f64, since below −87 `σ(x)` is subnormal in f32 and would cost up to 52 ULP.
///
/// # Reference
/// Elfwing, Uchibe, Doya: Sigmoid-Weighted Linear Units for Neural Network Function Approximation in Reinforcement
/// Learning. 2018. arXiv:1702.03118. Ramachandran, Zoph, Le: Searching for Activation Functions. 2017. arXiv:1710.05941.
#[track_caller]
pub fn silu(x: Var<'_>) -> Var<'_> {
    in_f64(x, |x| x * x.sigmoid())
}
