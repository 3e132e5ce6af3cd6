//! Greater than or equal.

use crate::Var;
use crate::loops::{Compare, Comparison, comparison_family};
use crate::op::Family;

/// Whether `a ≥ b`, element-wise; operands of one type, broadcast. The result is bool.
///
/// # Numerics
/// False where either is NaN. It has no derivative.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ge;

/// The registry entry.
pub const FAMILY: Family = comparison_family::<Ge>();

impl Comparison for Ge {
    const NAME: &'static str = "ge";

    #[inline(always)]
    fn holds<T: PartialOrd>(a: T, b: T) -> bool {
        a >= b
    }
}

impl<'g> Var<'g> {
    /// Whether `self ≥ other`, element-wise; false where either is NaN.
    #[must_use]
    #[track_caller]
    pub fn ge(self, other: Self) -> Self {
        self.apply2(Compare(Ge), other)
    }
}
