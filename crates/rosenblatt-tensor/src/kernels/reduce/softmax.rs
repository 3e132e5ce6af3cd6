//! Softmax of a row, and its logarithm.
//!
//! The largest number is subtracted first, so numbers of any size are safe. Exponentials are in the type of the data,
//! their sum follows the rule of the [module](super), its logarithm is taken in f64 and rounded.
//! A power below [`Float::TINY`] counts as 0: it changes no sum, and numbers computed from it (gradients of rows that are
//! classified with certainty) would become subnormal, which is slow.
//! A row that holds NaN or +∞, or only −∞, becomes NaN, as in PyTorch.
//!
//! A row that fits into the lanes (ten classes, say) stays in registers from the largest number to the quotient. The
//! lanes it leaves over hold −∞, whose power is the +0 that an empty lane of a sum starts from.

use super::largest::largest_lane;
use super::{BLOCK, LANES, LaneSum, max, padded, sum_lanes, tree};
use crate::math::Float;

/// `yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ)`; `x` and `y` have one length.
#[inline(always)]
pub fn softmax_row<T: Float>(x: &[T], y: &mut [T]) {
    if x.len() <= LANES {
        let row = ShortRow::new(x);
        let sum = T::from_f64(row.sum);
        return copy_start(&row.powers.map(|power| power / sum), y);
    }
    exp_shifted(x, max(x), y);
    let sum = T::from_f64(sum_lanes(y));
    for y in y {
        *y = *y / sum;
    }
}

/// `yᵢ = xᵢ − ln Σⱼ exp(xⱼ)`, computed as `(xᵢ − max) − ln Σⱼ exp(xⱼ − max)`; `x` and `y` have one length.
#[inline(always)]
pub fn log_softmax_row<T: Float>(x: &[T], y: &mut [T]) {
    if x.len() <= LANES {
        let row = ShortRow::new(x);
        let ln_sum = T::from_f64(Float::ln(row.sum));
        return copy_start(&row.x.map(|x| (x - row.largest) - ln_sum), y);
    }
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
    let (largest, sum) = largest_and_sum_of_powers(x);
    let y = T::from_f64(largest.to_f64() + Float::ln(sum));
    if largest.is_finite() { y } else { largest }
}

/// `(max x, Σᵢ exp(xᵢ − max x))`: what a loss needs of a row, the sum still in f64.
#[inline(always)]
pub fn largest_and_sum_of_powers<T: Float>(x: &[T]) -> (T, f64) {
    if x.len() <= LANES {
        let row = ShortRow::new(x);
        return (row.largest, row.sum);
    }
    let largest = max(x);
    (largest, sum_of_powers(x, largest))
}

/// A row of at most [`LANES`] numbers, filled up with −∞, with what softmax needs of it.
struct ShortRow<T> {
    x: [T; LANES],
    largest: T,
    powers: [T; LANES],
    sum: f64,
}

impl<T: Float> ShortRow<T> {
    #[inline(always)]
    fn new(x: &[T]) -> Self {
        let x = padded(x, T::NEG_INFINITY);
        let largest = largest_lane(x);
        let powers = exp_lanes(&x, largest);
        let sum = tree(powers.map(T::to_f64));
        Self {
            x,
            largest,
            powers,
            sum,
        }
    }
}

/// As many numbers as `y` holds.
#[inline(always)]
fn copy_start<T: Float>(x: &[T; LANES], y: &mut [T]) {
    y.copy_from_slice(&x[..y.len()]);
}

/// `Σᵢ exp(xᵢ − shift)`
#[inline(always)]
fn sum_of_powers<T: Float>(x: &[T], shift: T) -> f64 {
    let mut powers = [T::ZERO; BLOCK];
    let mut sum = LaneSum::new();
    for block in x.chunks(BLOCK) {
        let powers = &mut powers[..block.len()];
        exp_shifted(block, shift, powers);
        sum.push(powers);
    }
    sum.finish()
}

/// `yᵢ = exp(xᵢ − shift)`
#[inline(always)]
fn exp_shifted<T: Float>(x: &[T], shift: T, y: &mut [T]) {
    debug_assert_eq!(x.len(), y.len(), "a row and its softmax have one length");
    let ((x, x_tail), (y, y_tail)) = (x.as_chunks(), y.as_chunks_mut());
    for (y, x) in y.iter_mut().zip(x) {
        *y = exp_lanes(x, shift);
    }
    copy_start(&exp_lanes(&padded(x_tail, shift), shift), y_tail);
}

/// `exp(xᵢ − shift)` of [`LANES`] numbers.
#[inline(always)]
fn exp_lanes<T: Float>(x: &[T; LANES], shift: T) -> [T; LANES] {
    let mut y = [T::ZERO; LANES];
    for (y, &x) in y.iter_mut().zip(x) {
        *y = power(x - shift);
    }
    y
}

/// `eˣ`, 0 where that is tiny.
#[inline(always)]
pub(super) fn power<T: Float>(x: T) -> T {
    (if x < T::TINY_LN { T::NEG_INFINITY } else { x }).exp()
}
