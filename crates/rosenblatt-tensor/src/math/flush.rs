//! Tiny numbers to zero.

use super::Float;

/// +0 for `|x| < T::TINY`, else `x`.
#[inline(always)]
pub(super) fn flush<T: Float>(x: T) -> T {
    if x.abs() < T::TINY { T::ZERO } else { x }
}

/// `x²`, +0 where that is below `T::TINY`: known from `x`, so that no subnormal square is ever computed.
#[inline(always)]
pub(super) fn flushed_square<T: Float>(x: T) -> T {
    let x = if x.abs() < T::TINY_ROOT { T::ZERO } else { x };
    x * x
}
