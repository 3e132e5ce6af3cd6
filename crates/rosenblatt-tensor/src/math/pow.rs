//! Power.

use super::coefficients::{ATANH_LONG, LN_MEDIUM, LN2_HIGH_F64, LN2_LOW_F64, TWO_THIRDS_LOW};
use super::pieces::{Pieces, clamp, exp_medium, exp_pieces_of_sum, fast_two_sum, poly};

/// `xʸ`, error below 1 ULP; `exp(y ln |x|)` in f64.
#[inline(always)]
pub(super) fn single(x: f32, y: f32) -> f32 {
    let a = f64::from(x.abs());
    let (e, m) = a.split();
    let f = m - 1.0;
    let ln = e.mul_add(std::f64::consts::LN_2, (f * f).mul_add(poly(f, &LN_MEDIUM), f));
    let size = exp_medium(clamp(f64::from(y) * ln_at_ends(a, ln), -200.0, 200.0));
    special_cases(f64::from(x), f64::from(y), size) as f32
}

/// `xʸ`, error at most 2 ULP; the logarithm and its product carry about 12 bits more than f64.
#[inline(always)]
pub(super) fn double(x: f64, y: f64) -> f64 {
    let (ln, ln_low) = ln_long(x.abs());
    let product = y * ln_at_ends(x.abs(), ln);
    let low = y.mul_add(ln_low, y.mul_add(ln, -product));
    let in_range = product.abs() < 800.0;
    let (k, p) = exp_pieces_of_sum(clamp(product, -800.0, 800.0), if in_range { low } else { 0.0 });
    special_cases(x, y, (1.0 + p).scale(k))
}

/// The logarithm at 0, ∞ and NaN, elsewhere `ln`.
#[inline(always)]
fn ln_at_ends(a: f64, ln: f64) -> f64 {
    let ln = if a < f64::INFINITY { ln } else { a };
    if a == 0.0 { f64::NEG_INFINITY } else { ln }
}

/// The logarithm of a positive finite number as a sum of two, `e ln 2 + 2 atanh(s)` with `s = (m − 1)/(m + 1)`.
#[inline(always)]
fn ln_long(a: f64) -> (f64, f64) {
    let (e, m) = a.split();
    let f = m - 1.0;
    let (d, d_low) = fast_two_sum(2.0, f);
    let s = f / d;
    let s_low = s.mul_add(-d_low, s.mul_add(-d, f)) / d;

    let z = s * s;
    let z_low = (s + s).mul_add(s_low, s.mul_add(s, -z));
    let (t, t_low) = fast_two_sum(2.0 / 3.0, z * poly(z, &ATANH_LONG));
    let (u, u_low) = product((z, z_low), (t, t_low + TWO_THIRDS_LOW));
    let (v, v_low) = product((s, s_low), (u, u_low));

    let (w, w_low) = fast_two_sum(s + s, v);
    let (sum, lost) = fast_two_sum(e * LN2_HIGH_F64, w);
    let low = lost + (e.mul_add(LN2_LOW_F64, (s_low + s_low) + v_low) + w_low);
    fast_two_sum(sum, low)
}

/// The product of two numbers, each the sum of two.
#[inline(always)]
fn product(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let high = a.0 * b.0;
    (high, a.0.mul_add(b.0, -high) + a.0.mul_add(b.1, a.1 * b.0))
}

/// Gives the size `|x|ʸ` its sign, and the special cases of IEEE 754 their values.
#[inline(always)]
fn special_cases(x: f64, y: f64, size: f64) -> f64 {
    let size = if x.abs() == 1.0 { 1.0 } else { size }; // also where y is infinite or, for now, NaN
    let odd = is_whole(y) & !is_whole(0.5 * y);
    let signed = if odd { size.copysign(x) } else { size };
    let has_value = (x >= 0.0) | is_whole(y) | (x == f64::NEG_INFINITY);
    let signed = if has_value { signed } else { f64::NAN };
    let signed = if (x.is_nan() | y.is_nan()) & (x != 1.0) {
        f64::NAN
    } else {
        signed
    };
    if y == 0.0 { 1.0 } else { signed }
}

/// Whether `y` is a whole number; true for ±∞.
#[inline(always)]
fn is_whole(y: f64) -> bool {
    const TWO_TO_52: f64 = 4_503_599_627_370_496.0; // from here every number is whole
    let a = y.abs();
    (a >= TWO_TO_52) | ((a + TWO_TO_52) - TWO_TO_52 == a)
}
