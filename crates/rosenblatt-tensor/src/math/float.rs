//! The trait of the two number types, and their functions under one name.

use std::fmt::{Debug, Display};
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{cos, erf, erfc, exp, flush, ln, ln_1p, pow, sigmoid, sin, tanh};

/// f32 or f64, with functions that give the same bits on every machine.
///
/// Error bounds are in the [module's table](super). All functions map NaN to NaN unless they say otherwise.
///
/// # Example
/// ```
/// use rosenblatt_tensor::math::Float;
///
/// fn softplus<T: Float>(x: T) -> T {
///     x.exp().ln_1p()
/// }
/// assert_eq!(softplus(0.0_f64), std::f64::consts::LN_2);
/// ```
pub trait Float:
    Copy
    + Default
    + PartialOrd
    + Send
    + Sync
    + Debug
    + Display
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + 'static
{
    /// +0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// +∞.
    const INFINITY: Self;
    /// −∞.
    const NEG_INFINITY: Self;
    /// A quiet NaN.
    const NAN: Self;
    /// The largest finite number.
    const MAX: Self;
    /// The smallest positive number that is not subnormal.
    const MIN_POSITIVE: Self;
    /// The distance from 1 to the next number.
    const EPSILON: Self;
    /// Numbers below this size count as nothing where they would only cost time: 2⁻¹⁰⁰ (f32), 2⁻⁹⁰⁰ (f64).
    const TINY: Self;
    /// `√TINY`
    const TINY_ROOT: Self;
    /// `ln TINY`, rounded
    const TINY_LN: Self;

    /// The nearest number to `x`.
    fn from_f64(x: f64) -> Self;
    /// The same number as f64; exact.
    fn to_f64(self) -> f64;
    /// `self · a + b`, rounded once.
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// `|x|`
    fn abs(self) -> Self;
    /// `√x`, correctly rounded; NaN below 0.
    fn sqrt(self) -> Self;
    /// The size of `self` with the sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// `eˣ`
    fn exp(self) -> Self;
    /// Natural logarithm; −∞ at ±0, NaN below 0.
    fn ln(self) -> Self;
    /// `ln(1 + x)`, accurate near 0; −∞ at −1, NaN below −1.
    fn ln_1p(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Logistic function, `1 / (1 + e⁻ˣ)`.
    fn sigmoid(self) -> Self;
    /// Error function, `2/√π ∫₀ˣ exp(−t²) dt`.
    fn erf(self) -> Self;
    /// `1 − erf(x)`, accurate where that is tiny.
    fn erfc(self) -> Self;
    /// Sine of `x` radians. NaN at ±∞; beyond 2^48, where numbers are further apart than a degree, `x` counts as a whole
    /// number of turns.
    fn sin(self) -> Self;
    /// Cosine of `x` radians; range as for [`sin`](Float::sin).
    fn cos(self) -> Self;
    /// `self` to the power `exponent`, with the special cases of IEEE 754: `x⁰ = 1` and `1ʸ = 1` even for NaN, NaN for a
    /// negative base with an exponent that is not whole.
    fn pow(self, exponent: Self) -> Self;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// Not a number.
    fn is_nan(self) -> bool;
    /// `x`, or +0 if `|x|` is below [`TINY`](Float::TINY). Keeps decaying state from becoming subnormal, which is slow.
    fn flush(self) -> Self;
    /// `x²`, or +0 if that is below [`TINY`](Float::TINY); never computes with a subnormal number.
    fn flushed_square(self) -> Self;
}

/// Constants and functions that the types have in common, each by the file's `single` or `double`; `tiny` is the
/// power of two of [`Float::TINY`], negated.
macro_rules! float {
    ($t:ident, $version:ident, tiny: $tiny:literal in $bits:ident) => {
        impl Float for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const INFINITY: Self = $t::INFINITY;
            const NEG_INFINITY: Self = $t::NEG_INFINITY;
            const NAN: Self = $t::NAN;
            const MAX: Self = $t::MAX;
            const MIN_POSITIVE: Self = $t::MIN_POSITIVE;
            const EPSILON: Self = $t::EPSILON;
            const TINY: Self = float!(@power $t, $bits, $tiny);
            const TINY_ROOT: Self = float!(@power $t, $bits, $tiny / 2);
            const TINY_LN: Self = std::$t::consts::LN_2 * -($tiny as $t);

            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $t
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn mul_add(self, a: Self, b: Self) -> Self {
                $t::mul_add(self, a, b)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $t::abs(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $t::sqrt(self)
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                $t::copysign(self, sign)
            }
            #[inline(always)]
            fn exp(self) -> Self {
                exp::exp(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                ln::ln(self)
            }
            #[inline(always)]
            fn ln_1p(self) -> Self {
                ln_1p::$version(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                tanh::tanh(self)
            }
            #[inline(always)]
            fn sigmoid(self) -> Self {
                sigmoid::sigmoid(self)
            }
            #[inline(always)]
            fn erf(self) -> Self {
                erf::$version(self)
            }
            #[inline(always)]
            fn erfc(self) -> Self {
                erfc::$version(self)
            }
            #[inline(always)]
            fn sin(self) -> Self {
                sin::$version(self)
            }
            #[inline(always)]
            fn cos(self) -> Self {
                cos::$version(self)
            }
            #[inline(always)]
            fn pow(self, exponent: Self) -> Self {
                pow::$version(self, exponent)
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                $t::is_finite(self)
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                $t::is_nan(self)
            }
            #[inline(always)]
            fn flush(self) -> Self {
                flush::flush(self)
            }
            #[inline(always)]
            fn flushed_square(self) -> Self {
                flush::flushed_square(self)
            }
        }
    };
    // 2 to the power −k, from its bits.
    (@power $t:ident, $bits:ident, $k:expr) => {
        $t::from_bits((($t::MAX_EXP - 1 - $k) as $bits) << ($t::MANTISSA_DIGITS - 1))
    };
}
float!(f32, single, tiny: 100 in u32);
float!(f64, double, tiny: 900 in u64);
