//! Error function.

use super::coefficients::{ERF_F64, ERF_MEDIUM};
use super::erfc::tail;
use super::pieces::{Pieces, poly};

/// `erf x`, error below 1 ULP; one polynomial in f64.
#[inline(always)]
pub(super) fn single(x: f32) -> f32 {
    const LIMIT: f64 = 3.9375; // erf rounds to 1
    let a = f64::from(x.abs());
    let a = if a > LIMIT { LIMIT } else { a };
    let y = a * poly(a.mul_add(a, -7.75), &ERF_MEDIUM);
    (y as f32).copysign(x)
}

/// `erf x`, error at most 2 ULP: [`near_zero`], beyond `1 −` [`tail`].
#[inline(always)]
pub(super) fn double(x: f64) -> f64 {
    let a = x.abs();
    let (k, y) = tail(a);
    (if a < SMALL { near_zero(a) } else { 1.0 - y.scale(k) }).copysign(x)
}

/// Where `erf` and `erfc` go over from the polynomial to the tail.
pub(super) const SMALL: f64 = 0.75;

/// `erf a` for `0 ≤ a ≤ 0.75`.
#[inline(always)]
pub(super) fn near_zero(a: f64) -> f64 {
    a.mul_add(poly(a * a, &ERF_F64), a)
}
