//! Remainder of integers.

use crate::Var;
use crate::loops::{Integer, IntegerRule, OfIntegers, integer_family};
use crate::op::Family;

/// Remainder of the division of i64 rounded towards −∞, element-wise; operands are broadcast.
///
/// `y = a − b ⌊a / b⌋`, with the sign of `b`, as PyTorch's `remainder` and Python's `%`; it has no derivative
///
/// # Numerics
/// `a` where `b` is 0 (PyTorch raises an error): see [`super::FloorDiv`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Remainder;

/// The registry entry.
pub const FAMILY: Family = integer_family::<Remainder>();

impl OfIntegers for Remainder {
    #[inline(always)]
    fn f(a: i64, b: i64) -> i64 {
        if b == 0 {
            return a;
        }
        let remainder = a.wrapping_rem(b);
        let is_above = remainder != 0 && (a < 0) != (b < 0);
        if is_above { remainder + b } else { remainder }
    }
}

impl IntegerRule for Remainder {
    const NAME: &'static str = "remainder";
}

impl<'g> Var<'g> {
    /// The remainder of i64 with the sign of `other`, element-wise; itself where `other` is 0.
    #[must_use]
    #[track_caller]
    pub fn remainder(self, other: Self) -> Self {
        self.apply2(Integer(Remainder), other)
    }
}
