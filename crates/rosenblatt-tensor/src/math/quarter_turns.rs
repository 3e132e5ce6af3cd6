//! Sine and cosine after reduction by quarter turns.

use super::coefficients::{COS_F64, COS_MEDIUM, HALF_PI_2, HALF_PI_3, SIN_F64, SIN_MEDIUM};
use super::pieces::{poly, two_sum};

/// `1.5 · 2^52`: adding it rounds to a whole number, and leaves that in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// Largest size that is reduced; beyond, neighboring numbers are too far apart for the phase to mean anything.
const LIMIT: f64 = (1_u64 << 48) as f64;

/// `(quarter, cos r, sin r)` with `x = quarter · π/2 + r`; only the two low bits of `quarter` count.
///
/// Zero in place of `x` beyond ±2⁴⁸; NaN for ±∞ and NaN.
#[inline(always)]
pub(super) fn single(x: f64) -> (u64, f64, f64) {
    let (bits, k, x) = whole_quarters(x);
    let r = k.mul_add(-HALF_PI_2, k.mul_add(-std::f64::consts::FRAC_PI_2, x));
    let z = r * r;
    let cos = z.mul_add(z.mul_add(poly(z, &COS_MEDIUM), -0.5), 1.0);
    (bits, cos, r * z.mul_add(poly(z, &SIN_MEDIUM), 1.0))
}

/// The same to f64's precision: `r` is carried as a sum of two numbers.
#[inline(always)]
pub(super) fn double(x: f64) -> (u64, f64, f64) {
    let (bits, k, x) = whole_quarters(x);
    let (r, low) = remainder(x, k);
    let z = r * r;
    let half = 0.5 * z;
    let near_one = 1.0 - half;
    let rest = (z * z).mul_add(poly(z, &COS_F64), -r * low);
    let cos = near_one + (((1.0 - near_one) - half) + rest);
    let sin = r + (r * z).mul_add(poly(z, &SIN_F64), low.mul_add(-half, low));
    (bits, cos, sin)
}

/// The nearest number of quarter turns to `x`, as low bits and as a number, and `x` itself or 0.
#[inline(always)]
fn whole_quarters(x: f64) -> (u64, f64, f64) {
    let x = if x.abs() <= LIMIT { x } else { x * 0.0 };
    let shifted = x.mul_add(std::f64::consts::FRAC_2_PI, ROUND);
    (shifted.to_bits(), shifted - ROUND, x)
}

/// `x − k π/2` as a sum of two numbers, π/2 being given to 160 bits. The first difference is exact.
#[inline(always)]
fn remainder(x: f64, k: f64) -> (f64, f64) {
    let first = k * std::f64::consts::FRAC_PI_2;
    let first_lost = k.mul_add(std::f64::consts::FRAC_PI_2, -first);
    let second = k * HALF_PI_2;
    let second_lost = k.mul_add(HALF_PI_2, -second);
    let (r, lost1) = two_sum(x - first, -first_lost);
    let (r, lost2) = two_sum(r, -second);
    let low = (lost1 + lost2) - k.mul_add(HALF_PI_3, second_lost);
    let sum = r + low;
    (sum, low - (sum - r))
}

/// `cos` or `sin` of `quarter · π/2 + r`: the odd quarters swap the two, bit 1 turns the sign.
#[inline(always)]
pub(super) fn pick(quarter: u64, cos: f64, sin: f64) -> f64 {
    let size = if quarter & 1 == 0 { sin } else { cos };
    f64::from_bits(size.to_bits() ^ ((quarter & 2) << 62))
}
