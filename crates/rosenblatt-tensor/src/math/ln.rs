//! Natural logarithm.

use super::pieces::Pieces;

/// `ln x`, error below 1 ULP, subnormal inputs too; −∞ at ±0, NaN below.
///
/// `x = 2^e (1 + f)`, `ln x = e ln 2 + ln(1 + f)`.
#[inline(always)]
pub(super) fn ln<T: Pieces>(x: T) -> T {
    let (e, m) = x.split();
    let y = T::ln_of_pieces(e, m - T::ONE);
    let y = if x < T::INFINITY { y } else { x };
    let y = if x >= T::ZERO { y } else { T::NAN };
    if x == T::ZERO { T::NEG_INFINITY } else { y }
}
