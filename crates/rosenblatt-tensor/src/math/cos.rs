//! Cosine.

use super::quarter_turns::{self, pick};

/// `cos x`, error below 1 ULP for `|x| ≤ 2⁴⁸`; computed in f64. Beyond, 1.
#[inline(always)]
pub(super) fn single(x: f32) -> f32 {
    let (quarter, cos, sin) = quarter_turns::single(f64::from(x));
    pick(quarter.wrapping_add(1), cos, sin) as f32
}

/// `cos x`, error below 1 ULP for `|x| ≤ 2⁴⁸`. Beyond, 1.
#[inline(always)]
pub(super) fn double(x: f64) -> f64 {
    let (quarter, cos, sin) = quarter_turns::double(x);
    pick(quarter.wrapping_add(1), cos, sin)
}
