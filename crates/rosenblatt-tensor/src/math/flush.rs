//! Flushing of tiny numbers to zero.

/// +0 for `|x| < 2⁻¹⁰⁰`, else `x`.
#[inline(always)]
pub(super) fn single(x: f32) -> f32 {
    const LIMIT: f32 = f32::from_bits((127 - 100) << 23);
    if x.abs() < LIMIT { 0.0 } else { x }
}

/// +0 for `|x| < 2⁻⁹⁰⁰`, else `x`.
#[inline(always)]
pub(super) fn double(x: f64) -> f64 {
    const LIMIT: f64 = f64::from_bits((1023 - 900) << 52);
    if x.abs() < LIMIT { 0.0 } else { x }
}
