//! Division of integers, rounded down.

use crate::Var;
use crate::loops::{Integer, IntegerRule, OfIntegers, integer_family};
use crate::op::Family;

/// Quotient of i64 rounded towards −∞, element-wise; operands are broadcast.
///
/// `y = ⌊a / b⌋`, as PyTorch's `floor_divide`; it has no derivative
///
/// # Numerics
/// `a = b ⌊a / b⌋ + remainder(a, b)` always holds: division by 0 gives 0 (PyTorch raises an error), and the smallest
/// integer divided by −1 wraps to itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct FloorDiv;

/// The registry entry.
pub const FAMILY: Family = integer_family::<FloorDiv>();

impl OfIntegers for FloorDiv {
    #[inline(always)]
    fn f(a: i64, b: i64) -> i64 {
        if b == 0 {
            return 0;
        }
        let quotient = a.wrapping_div(b);
        let is_above = a.wrapping_rem(b) != 0 && (a < 0) != (b < 0);
        quotient - i64::from(is_above)
    }
}

impl IntegerRule for FloorDiv {
    const NAME: &'static str = "floor_div";
}

impl<'g> Var<'g> {
    /// The quotient of i64 rounded towards −∞, element-wise; 0 where `other` is 0.
    #[must_use]
    #[track_caller]
    pub fn floor_div(self, other: Self) -> Self {
        self.apply2(Integer(FloorDiv), other)
    }
}
