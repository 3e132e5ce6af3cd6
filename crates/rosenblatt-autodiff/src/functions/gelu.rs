//! Gaussian error linear unit.

use std::f64::consts::FRAC_1_SQRT_2;

use rosenblatt_tensor::math::Float;

use super::{Definition, Function, in_f64};
use crate::{Oracle, Var};

/// The registry entry.
pub const FUNCTION: Function = Function {
    name: "gelu",
    apply: gelu,
    oracle: Oracle::PyTorch,
    definition: Definition::OfNumber(|x| 0.5 * x * Float::erfc(-x * FRAC_1_SQRT_2)),
};

/// Gaussian error linear unit, exact form, element-wise.
///
/// `y = x Φ(x) = x/2 · erfc(−x / √2)`
///
/// # Numerics
/// `erfc`, not `1 + erf`: the latter cancels for negative `x` and loses every digit below about −5. Within 1 ULP in f32:
/// computed in f64, since for negative `x` a rounded `x/√2` alone would cost up to 190 ULP.
///
/// # Differences
/// PyTorch's `approximate="tanh"` is [`super::gelu_tanh`]; it departs by up to 5e-4.
///
/// # Reference
/// Hendrycks, Gimpel: Gaussian Error Linear Units. 2016. arXiv:1606.08415.
#[track_caller]
pub fn gelu(x: Var<'_>) -> Var<'_> {
    in_f64(x, |x| 0.5 * x * (x * -FRAC_1_SQRT_2).erfc())
}
