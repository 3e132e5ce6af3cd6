//! Natural logarithm of one plus a number.

use super::coefficients::LN_MEDIUM;
use super::pieces::{Pieces, poly};

/// `ln(1 + x)`, error below 1 ULP; computed in f64.
#[inline(always)]
pub(super) fn single(x: f32) -> f32 {
    let y = double_with(f64::from(x), |e, f| {
        e.mul_add(std::f64::consts::LN_2, (f * f).mul_add(poly(f, &LN_MEDIUM), f))
    });
    y as f32
}

/// `ln(1 + x)`, error below 1 ULP.
#[inline(always)]
pub(super) fn double(x: f64) -> f64 {
    double_with(x, f64::ln_of_pieces)
}

/// `1 + x = 2^e (1 + f)`. `f` is taken from `x`, not from the rounded sum: `2^-e x + (2^-e − 1)` loses at most the last
/// bit, and nothing for `e = 0`, where small results live.
#[inline(always)]
fn double_with(x: f64, ln_of_pieces: impl Fn(f64, f64) -> f64) -> f64 {
    const LARGE: f64 = (1_u64 << 60) as f64; // from here 1 + x is x, and 2^-e may be subnormal
    let sum = 1.0 + x;
    let (e, m) = sum.split();
    let e_bits = sum.to_bits().wrapping_sub(m.to_bits());
    let shrink = f64::from_bits(1.0_f64.to_bits().wrapping_sub(e_bits)); // 2^-e
    let f = if x < LARGE {
        x.mul_add(shrink, shrink - 1.0)
    } else {
        m - 1.0
    };
    let y = ln_of_pieces(e, f);
    let y = if x < f64::INFINITY { y } else { x };
    let y = if x >= -1.0 { y } else { f64::NAN };
    let y = if x == -1.0 { f64::NEG_INFINITY } else { y };
    if x == 0.0 { x } else { y } // keeps −0
}
