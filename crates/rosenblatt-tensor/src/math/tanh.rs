//! Hyperbolic tangent.

use super::pieces::Pieces;

/// `tanh x`, error at most 1.5 ULP (f32) and 2 ULP (f64).
///
/// Near 0 an odd polynomial, so that small results keep all digits; beyond, `1 − 2 / (e^2|x| + 1)`, where
/// `e^2|x| + 1 = 2^k p + (2^k + 1)` is rounded once.
#[inline(always)]
pub(super) fn tanh<T: Pieces>(x: T) -> T {
    let a = x.abs();
    let z = a * a;
    let small = (a * z).mul_add(T::tanh_rest(z), a);

    let limit = T::from_f64(40.0); // tanh 20 rounds to 1
    let twice = a + a;
    let (k, p) = (if twice > limit { limit } else { twice }).exp_pieces();
    let power = T::power_of_two(k);
    let large = T::ONE - T::from_f64(2.0) / power.mul_add(p, power + T::ONE);

    (if a < T::TANH_SMALL { small } else { large }).copysign(x)
}
