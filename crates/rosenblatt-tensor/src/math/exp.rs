//! Exponential function.

use super::pieces::{Pieces, clamp};

/// `eˣ`, error below 1 ULP, subnormal results too; rounds to 0 and ∞ beyond the type's range.
///
/// `x = k ln 2 + r`, `eˣ = 2^k eʳ`, `eʳ` by a polynomial.
#[inline(always)]
pub(super) fn exp<T: Pieces>(x: T) -> T {
    let (k, p) = clamp(x, T::EXP_LOW, T::EXP_HIGH).exp_pieces();
    (T::ONE + p).scale(k)
}
