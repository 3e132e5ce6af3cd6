//! Not equal.

use crate::Var;
use crate::loops::{Compare, Comparison, comparison_family};
use crate::op::Family;

/// Whether `a ≠ b`, element-wise; operands of one type, broadcast. The result is bool.
///
/// # Numerics
/// True where either is NaN. It has no derivative.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ne;

/// The registry entry.
pub const FAMILY: Family = comparison_family::<Ne>();

impl Comparison for Ne {
    const NAME: &'static str = "ne";

    #[inline(always)]
    fn holds<T: PartialOrd>(a: T, b: T) -> bool {
        a != b
    }
}

impl<'g> Var<'g> {
    /// Whether `self ≠ other`, element-wise; true where either is NaN.
    #[must_use]
    #[track_caller]
    pub fn ne(self, other: Self) -> Self {
        self.apply2(Compare(Ne), other)
    }
}
