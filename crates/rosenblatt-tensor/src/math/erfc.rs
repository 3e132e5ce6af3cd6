//! Complementary error function.

use super::coefficients::{ERFC_F64, ERFC_F64_CENTRE, ERFC_MEDIUM, ERFC_MEDIUM_CENTRE};
use super::erf::{SMALL, near_zero};
use super::pieces::{Pieces, exp_medium, exp_pieces_of_sum, fast_two_sum, poly, two_sum};

/// `1 − erf x`, error below 1 ULP, subnormal results too; computed in f64.
///
/// `erfc a = exp(−a²) · w · S(w)` with `w = 1 / (a + 3)` and a polynomial `S`; `2 −` that for negative `x`.
#[inline(always)]
pub(super) fn single(x: f32) -> f32 {
    const LIMIT: f64 = 10.0625; // erfc rounds to 0; put there, since a result that underflows takes long
    let a = f64::from(x.abs());
    let vanishes = a > LIMIT;
    let a = if vanishes { LIMIT } else { a };
    let w = 1.0 / (a + 3.0);
    let y = exp_medium(-a * a) * w * poly(w - ERFC_MEDIUM_CENTRE, &ERFC_MEDIUM);
    let y = if vanishes { 0.0 } else { y };
    let y = if x < 0.0 { 2.0 - y } else { y };
    if x.is_nan() { x } else { y as f32 }
}

/// `1 − erf x`, error at most 4 ULP, subnormal results too.
#[inline(always)]
pub(super) fn double(x: f64) -> f64 {
    let a = x.abs();
    let (k, y) = tail(a);
    let y = y.scale(k);
    let far = if x < 0.0 { 2.0 - y } else { y };
    let y = if a < SMALL { 1.0 - near_zero(a).copysign(x) } else { far };
    if x.is_nan() { x } else { y }
}

/// `(k, y)` with `erfc a = 2^k y`, for `a ≥ 0.75`.
///
/// `erfc a = exp(−a²) · w · S(w)` with `w = 1 / (a + 4)`. What rounding loses in `a²`, in the power and in `w` is
/// carried along: the first is large before it is exponentiated, the last is amplified by the slope of `S`.
#[inline(always)]
pub(super) fn tail(a: f64) -> (u64, f64) {
    const LIMIT: f64 = 27.5; // erfc rounds to 0
    let a = if a > LIMIT { LIMIT } else { a };
    let square = a * a;
    let square_low = a.mul_add(a, -square);
    let (k, p) = exp_pieces_of_sum(-square, -square_low);
    let (power, power_low) = fast_two_sum(1.0, p);

    let (d, d_low) = two_sum(a, 4.0);
    let w = 1.0 / d;
    let w_low = w * (w.mul_add(-d, 1.0) - w * d_low);
    let shape = poly((w - ERFC_F64_CENTRE) + w_low, &ERFC_F64);
    let shape = w.mul_add(shape, w_low * shape);
    (k, power.mul_add(shape, power_low * shape))
}
