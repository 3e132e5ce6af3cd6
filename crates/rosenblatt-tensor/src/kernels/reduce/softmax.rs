//! Softmax of a row, and its logarithm.
//!
//! The largest number is subtracted first, so numbers of any size are safe. Exponentials are in the type of the data,
//! their sum follows the rule of the [module](super), its logarithm is taken in f64 and rounded.
//! A row that holds NaN or +∞, or only −∞, becomes NaN, as in PyTorch.

use super::{BLOCK, LANES, LaneSum, max, padded, sum_lanes};
use crate::math::Float;

/// `yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ)`; `x` and `y` have one length.
#[inline(always)]
pub fn softmax_row<T: Float>(x: &[T], y: &mut [T]) {
    exp_shifted(x, max(x), y);
    let sum = T::from_f64(sum_lanes(y));
    for y in y {
        *y = *y / sum;
    }
}

/// `yᵢ = xᵢ − ln Σⱼ exp(xⱼ)`, computed as `(xᵢ − max) − ln Σⱼ exp(xⱼ − max)`; `x` and `y` have one length.
#[inline(always)]
pub fn log_softmax_row<T: Float>(x: &[T], y: &mut [T]) {
    let largest = max(x);
    exp_shifted(x, largest, y);
    let ln_sum = T::from_f64(Float::ln(sum_lanes(y)));
    for (y, &x) in y.iter_mut().zip(x) {
        *y = (x - largest) - ln_sum;
    }
}

/// `ln Σᵢ exp(xᵢ)`, rounded once from f64; −∞ for nothing and for a row of −∞, +∞ if one is +∞ (as in PyTorch).
#[inline(always)]
pub fn logsumexp_row<T: Float>(x: &[T]) -> T {
    let largest = max(x);
    let mut powers = [T::ZERO; BLOCK];
    let mut sum = LaneSum::new();
    for block in x.chunks(BLOCK) {
        let powers = &mut powers[..block.len()];
        exp_shifted(block, largest, powers);
        sum.push(powers);
    }
    let y = T::from_f64(largest.to_f64() + Float::ln(sum.finish()));
    if largest.is_finite() { y } else { largest }
}

/// `yᵢ = exp(xᵢ − shift)`
#[inline(always)]
fn exp_shifted<T: Float>(x: &[T], shift: T, y: &mut [T]) {
    debug_assert_eq!(x.len(), y.len(), "a row and its softmax have one length");
    let ((x, x_tail), (y, y_tail)) = (x.as_chunks(), y.as_chunks_mut());
    for (y, x) in y.iter_mut().zip(x) {
        *y = exp_lanes(x, shift);
    }
    let powers = exp_lanes(&padded(x_tail, shift), shift);
    y_tail.copy_from_slice(&powers[..y_tail.len()]);
}

/// [`LANES`] numbers at a time, so that a row of ten classes takes one vector and not ten steps.
#[inline(always)]
fn exp_lanes<T: Float>(x: &[T; LANES], shift: T) -> [T; LANES] {
    let mut y = [T::ZERO; LANES];
    for (y, &x) in y.iter_mut().zip(x) {
        *y = (x - shift).exp();
    }
    y
}
