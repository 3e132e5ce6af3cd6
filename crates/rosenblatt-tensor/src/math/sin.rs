//! Sine.

use super::quarter_turns::{self, pick};

/// `sin x`, error below 1 ULP for `|x| ≤ 2⁴⁸`; computed in f64. Beyond, ±0.
#[inline(always)]
pub(super) fn single(x: f32) -> f32 {
    let (quarter, cos, sin) = quarter_turns::single(f64::from(x));
    let y = pick(quarter, cos, sin) as f32;
    if y == 0.0 { y.copysign(x) } else { y } // keeps −0
}

/// `sin x`, error below 1 ULP for `|x| ≤ 2⁴⁸`. Beyond, ±0.
#[inline(always)]
pub(super) fn double(x: f64) -> f64 {
    let (quarter, cos, sin) = quarter_turns::double(x);
    let y = pick(quarter, cos, sin);
    if y == 0.0 { y.copysign(x) } else { y } // keeps −0
}
