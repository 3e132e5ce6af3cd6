//! Equal.

use crate::Var;
use crate::loops::{Compare, Comparison, comparison_family};
use crate::op::Family;

/// Whether `a = b`, element-wise; operands of one type, broadcast. The result is bool.
///
/// # Numerics
/// False where either is NaN. It has no derivative.
#[derive(Clone, Copy, Debug, Default)]
pub struct Eq;

/// The registry entry.
pub const FAMILY: Family = comparison_family::<Eq>();

impl Comparison for Eq {
    const NAME: &'static str = "eq";

    #[inline(always)]
    fn holds<T: PartialOrd>(a: T, b: T) -> bool {
        a == b
    }
}

impl<'g> Var<'g> {
    /// Whether `self = other`, element-wise; false where either is NaN.
    #[must_use]
    #[track_caller]
    pub fn eq(self, other: Self) -> Self {
        self.apply2(Compare(Eq), other)
    }
}
