//! What the functions are built of: polynomials, and numbers taken apart into a power of two and the rest.
//!
//! Rounding to a whole number adds and subtracts `1.5 · 2^52` (f64), at which size numbers are 1 apart; the low bits of
//! the sum then hold the integer. This needs no conversion instruction, which AVX2 lacks for f64.

use super::Float;
use super::coefficients::{
    ATANH, EXP_F32, EXP_F64, EXP_MEDIUM, LN_F32, LN2_HIGH_F32, LN2_HIGH_F64, LN2_LOW_F32, LN2_LOW_F64, TANH_F32,
    TANH_F64,
};

/// `c[0] + c[1] x + c[2] x² + …` by Horner's rule.
#[inline(always)]
pub(super) fn poly<T: Float, const N: usize>(x: T, c: &[T; N]) -> T {
    let mut y = c[N - 1];
    for &c in c[..N - 1].iter().rev() {
        y = y.mul_add(x, c);
    }
    y
}

/// `x`, but at least `low` and at most `high`; NaN stays NaN.
#[inline(always)]
pub(super) fn clamp<T: Float>(x: T, low: T, high: T) -> T {
    let x = if x > high { high } else { x };
    if x < low { low } else { x }
}

/// A sum and what its rounding lost, for `|a| ≥ |b|` or `a = 0`.
#[inline(always)]
pub(super) fn fast_two_sum<T: Float>(a: T, b: T) -> (T, T) {
    let sum = a + b;
    (sum, b - (sum - a))
}

/// A sum and what its rounding lost.
#[inline(always)]
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

/// A number type taken apart.
pub(super) trait Pieces: Float {
    /// A power of two that need not be a number of the type: holds `k` plus a bias, as an integer.
    type Exponent: Copy;

    /// Below this `exp` is 0.
    const EXP_LOW: Self;
    /// From here `exp` is infinite.
    const EXP_HIGH: Self;
    /// Up to here `tanh` is a polynomial.
    const TANH_SMALL: Self;

    /// `(k, p)` with `exp(x) = 2^k (1 + p)` and `|p| < 0.42`, for `x` in `[EXP_LOW, EXP_HIGH]`.
    fn exp_pieces(self) -> (Self::Exponent, Self);
    /// `2^k`, for `−126 ≤ k ≤ 127` (f32) or `−1022 ≤ k ≤ 1023` (f64).
    fn power_of_two(k: Self::Exponent) -> Self;
    /// `self · 2^k`, rounded once, for all `k` of `exp_pieces` and `self` near 1.
    fn scale(self, k: Self::Exponent) -> Self;
    /// `(e, m)` with `self = 2^e m` and `√½ ≤ m < √2`, for positive finite numbers, subnormal ones too.
    fn split(self) -> (Self, Self);
    /// `e ln 2 + ln(1 + f)` for whole `e` and `√½ ≤ 1 + f ≤ √2`.
    fn ln_of_pieces(e: Self, f: Self) -> Self;
    /// `(tanh(x)/x − 1) / x²` of `z = x²` for `x ≤ TANH_SMALL`.
    fn tanh_rest(z: Self) -> Self;
}

/// `1.5 · 2^23` plus twice the bias of an exponent, so that the integer in the low bits is never negative.
const ROUND_F32: f32 = 12_582_912.0 + 254.0;
/// Bits of `1.5 · 2^23`.
const ROUND_BITS_F32: u32 = 12_582_912_f32.to_bits();
/// `1.5 · 2^52` plus twice the bias.
const ROUND_F64: f64 = 6_755_399_441_055_744.0 + 2046.0;
/// Bits of `1.5 · 2^52`.
const ROUND_BITS_F64: u64 = 6_755_399_441_055_744_f64.to_bits();

impl Pieces for f32 {
    /// `k + 254`
    type Exponent = u32;

    const EXP_LOW: f32 = -103.98;
    const EXP_HIGH: f32 = 89.0;
    const TANH_SMALL: f32 = 0.8;

    #[inline(always)]
    fn exp_pieces(self) -> (u32, f32) {
        let shifted = f32::mul_add(self, std::f32::consts::LOG2_E, ROUND_F32);
        let k = shifted - ROUND_F32;
        let r = f32::mul_add(-k, LN2_LOW_F32, f32::mul_add(-k, LN2_HIGH_F32, self));
        let p = f32::mul_add(r * r, poly(r, &EXP_F32), r);
        (shifted.to_bits().wrapping_sub(ROUND_BITS_F32), p)
    }

    #[inline(always)]
    fn power_of_two(k: u32) -> f32 {
        f32::from_bits(k.wrapping_sub(127) << 23)
    }

    #[inline(always)]
    fn scale(self, k: u32) -> f32 {
        let half = k >> 1;
        self * f32::from_bits(half << 23) * f32::from_bits(k.wrapping_sub(half) << 23)
    }

    #[inline(always)]
    fn split(self) -> (f32, f32) {
        const SQRT_HALF: u32 = std::f32::consts::FRAC_1_SQRT_2.to_bits();
        let subnormal = self < f32::MIN_POSITIVE;
        let x = if subnormal { self * 8_388_608.0 } else { self };
        let lift = if subnormal { 23.0 } else { 0.0 };
        let exponent = x.to_bits().wrapping_sub(SQRT_HALF).wrapping_add(128 << 23) >> 23; // e + 128
        let m = f32::from_bits(x.to_bits().wrapping_sub(exponent << 23).wrapping_add(128 << 23));
        let e = f32::from_bits(exponent | 8_388_608_f32.to_bits()) - (8_388_608.0 + 128.0);
        (e - lift, m)
    }

    #[inline(always)]
    fn ln_of_pieces(e: f32, f: f32) -> f32 {
        add_exponent(e, f, f * f * poly(f, &LN_F32), LN2_HIGH_F32, LN2_LOW_F32)
    }

    #[inline(always)]
    fn tanh_rest(z: f32) -> f32 {
        poly(z, &TANH_F32)
    }
}

impl Pieces for f64 {
    /// `k + 2046`
    type Exponent = u64;

    const EXP_LOW: f64 = -745.14;
    const EXP_HIGH: f64 = 710.0;
    const TANH_SMALL: f64 = 0.625;

    #[inline(always)]
    fn exp_pieces(self) -> (u64, f64) {
        exp_pieces_of_sum(self, 0.0)
    }

    #[inline(always)]
    fn power_of_two(k: u64) -> f64 {
        f64::from_bits(k.wrapping_sub(1023) << 52)
    }

    #[inline(always)]
    fn scale(self, k: u64) -> f64 {
        let half = k >> 1;
        self * f64::from_bits(half << 52) * f64::from_bits(k.wrapping_sub(half) << 52)
    }

    #[inline(always)]
    fn split(self) -> (f64, f64) {
        const SQRT_HALF: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
        const TWO_TO_52: f64 = 4_503_599_627_370_496.0;
        let subnormal = self < f64::MIN_POSITIVE;
        let x = if subnormal { self * TWO_TO_52 } else { self };
        let lift = if subnormal { 52.0 } else { 0.0 };
        let exponent = x.to_bits().wrapping_sub(SQRT_HALF).wrapping_add(1024 << 52) >> 52; // e + 1024
        let m = f64::from_bits(x.to_bits().wrapping_sub(exponent << 52).wrapping_add(1024 << 52));
        let e = f64::from_bits(exponent | TWO_TO_52.to_bits()) - (TWO_TO_52 + 1024.0);
        (e - lift, m)
    }

    /// `ln(1 + f) = 2 atanh(s)` with `s = f / (2 + f)`; written as `f − s (f − …)` so that the leading term is exact.
    #[inline(always)]
    fn ln_of_pieces(e: f64, f: f64) -> f64 {
        let s = f / (2.0 + f);
        let z = s * s;
        let tail = -s * f64::mul_add(-z, poly(z, &ATANH), f);
        add_exponent(e, f, tail, LN2_HIGH_F64, LN2_LOW_F64)
    }

    #[inline(always)]
    fn tanh_rest(z: f64) -> f64 {
        poly(z, &TANH_F64)
    }
}

/// `e ln 2 + f + tail`, small terms first. `e · ln2_high` is exact, and so is what the first sum loses.
#[inline(always)]
fn add_exponent<T: Float>(e: T, f: T, tail: T, ln2_high: T, ln2_low: T) -> T {
    let (sum, lost) = fast_two_sum(e * ln2_high, f);
    sum + (lost + e.mul_add(ln2_low, tail))
}

/// `(k, p)` with `exp(x + low) = 2^k (1 + p)`, for `|low|` far below 1.
#[inline(always)]
pub(super) fn exp_pieces_of_sum(x: f64, low: f64) -> (u64, f64) {
    let shifted = x.mul_add(std::f64::consts::LOG2_E, ROUND_F64);
    let k = shifted - ROUND_F64;
    let (r, lost) = fast_two_sum(k.mul_add(-LN2_HIGH_F64, x), k.mul_add(-LN2_LOW_F64, low));
    let p = (r * r).mul_add(poly(r, &EXP_F64), lost) + r;
    (shifted.to_bits().wrapping_sub(ROUND_BITS_F64), p)
}

/// `eˣ` with a relative error of 2⁻³⁴, for f32 results and `|x| < 700`.
#[inline(always)]
pub(super) fn exp_medium(x: f64) -> f64 {
    let shifted = x.mul_add(std::f64::consts::LOG2_E, ROUND_F64);
    let k = shifted - ROUND_F64;
    let r = k.mul_add(-std::f64::consts::LN_2, x);
    let p = (r * r).mul_add(poly(r, &EXP_MEDIUM), r);
    (1.0 + p) * f64::power_of_two(shifted.to_bits().wrapping_sub(ROUND_BITS_F64))
}
