//! The larger of two.

use crate::{Binary, Elementwise2, Real, Var};

/// The larger of two, element-wise; operands are broadcast.
///
/// `y = max(a, b)`;  `dy` goes to the larger operand, in halves to both where they are equal
///
/// # Numerics
/// NaN if either is NaN. Ties share as in PyTorch. Of i64 too, without a derivative.
#[derive(Clone, Copy, Debug)]
pub struct Maximum;

impl Elementwise2 for Maximum {
    const NAME: &'static str = "maximum";

    #[inline(always)]
    fn f<T: Real>(&self, a: T, b: T) -> T {
        T::select(a.gt(b), a, T::select(b.ge(a), b, a + b))
    }

    fn da<T: Real>(&self, a: T, b: T, _y: T, dy: T) -> T {
        T::select(
            a.lt(b),
            dy.full_like(0.0),
            T::select(a.eq(b), dy * dy.full_like(0.5), dy),
        )
    }

    fn db<T: Real>(&self, a: T, b: T, _y: T, dy: T) -> T {
        T::select(
            b.lt(a),
            dy.full_like(0.0),
            T::select(a.eq(b), dy * dy.full_like(0.5), dy),
        )
    }

    #[inline(always)]
    fn of_integers(a: i64, b: i64) -> Option<i64> {
        Some(a.max(b))
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// The larger of `self` and `other`, element-wise; NaN if either is.
    #[must_use]
    #[track_caller]
    pub fn maximum(self, other: Self) -> Self {
        self.apply2(Binary(Maximum), other)
    }
}
