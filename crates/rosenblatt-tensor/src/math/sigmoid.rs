//! Logistic function.

use super::pieces::{Pieces, fast_two_sum};

/// `1 / (1 + e⁻ˣ)`, error at most 1.5 ULP, subnormal results too.
///
/// With `e^-|x| = 2^k m`: `1 / (1 + 2^k m)` for `x ≥ 0`, else `2^k · (m / (1 + 2^k m))`; so nothing overflows, and a tiny
/// result is rounded once. The quotient is corrected by its remainder, in which the parts that `m` and the denominator
/// lost to rounding take part.
#[inline(always)]
pub(super) fn sigmoid<T: Pieces>(x: T) -> T {
    let negative = x < T::ZERO;
    let lowest = if negative { T::EXP_LOW } else { T::from_f64(-40.0) }; // 1 + e^-40 rounds to 1
    let size = -x.abs();
    let (k, p) = (if size < lowest { lowest } else { size }).exp_pieces();
    let (m, m_low) = fast_two_sum(T::ONE, p);
    let power = T::ONE.scale(k);
    let (one_plus, lost) = fast_two_sum(T::ONE, power);
    let denominator = power.mul_add(p, one_plus);
    let denominator_low = power.mul_add(p, one_plus - denominator) + lost;

    let (numerator, numerator_low) = if negative { (m, m_low) } else { (T::ONE, T::ZERO) };
    let reciprocal = T::ONE / denominator;
    let quotient = numerator * reciprocal;
    let remainder = quotient.mul_add(-denominator, numerator) + quotient.mul_add(-denominator_low, numerator_low);
    let quotient = remainder.mul_add(reciprocal, quotient);
    if negative { quotient.scale(k) } else { quotient }
}
