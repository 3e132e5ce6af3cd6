//! Operators between values, and between values and numbers.
//!
//! Every other method of [`Var`] stands in the file of its op (`ops/`) or function (`functions/`).

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::ops::{Add as AddOp, Div as DivOp, Mul as MulOp, Neg as NegOp, Sub as SubOp};
use crate::{Binary, Unary, Var};

macro_rules! operators {
    ($($operator:ident $method:ident $op:ident),*) => {$(
        impl<'g> $operator for Var<'g> {
            type Output = Var<'g>;
            #[track_caller]
            fn $method(self, other: Var<'g>) -> Var<'g> {
                self.apply2(Binary($op), other)
            }
        }

        impl<'g> $operator<f64> for Var<'g> {
            type Output = Var<'g>;
            #[track_caller]
            fn $method(self, other: f64) -> Var<'g> {
                let other = self.full_like(other);
                self.apply2(Binary($op), other)
            }
        }

        impl<'g> $operator<Var<'g>> for f64 {
            type Output = Var<'g>;
            #[track_caller]
            fn $method(self, other: Var<'g>) -> Var<'g> {
                other.full_like(self).apply2(Binary($op), other)
            }
        }
    )*};
}
operators!(Add add AddOp, Sub sub SubOp, Mul mul MulOp, Div div DivOp);

impl<'g> Neg for Var<'g> {
    type Output = Var<'g>;
    #[track_caller]
    fn neg(self) -> Var<'g> {
        self.apply(Unary(NegOp))
    }
}
