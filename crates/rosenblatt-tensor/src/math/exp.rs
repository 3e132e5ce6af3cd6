//! Exponential function.

use super::pieces::Pieces;

/// `eˣ`, error below 1 ULP, subnormal results too; rounds to 0 and ∞ beyond the type's range.
///
/// `x = k ln 2 + r`, `eˣ = 2^k eʳ`, `eʳ` by a polynomial. Where the result rounds to 0 (masked logits are −∞), it is put
/// there: a product that underflows takes a hundred times as long.
#[inline(always)]
pub(super) fn exp<T: Pieces>(x: T) -> T {
    let vanishes = x < T::EXP_LOW;
    let x = if vanishes { T::ZERO } else { x };
    let (k, p) = (if x > T::EXP_HIGH { T::EXP_HIGH } else { x }).exp_pieces();
    let y = (T::ONE + p).scale(k);
    if vanishes { T::ZERO } else { y }
}
