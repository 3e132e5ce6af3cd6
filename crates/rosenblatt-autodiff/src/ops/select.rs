//! A choice between two.

use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Slice, SliceMut, TileKernel};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Error, Isa, Result, Tensor};

use crate::elementwise::{arity, at, random};
use crate::loops::any_type;
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// A choice, element-wise; operands are broadcast.
///
/// `y = yes` where `mask`, else `no`;  the gradient goes to the chosen operand
///
/// # Shapes
/// `mask` is bool; `yes` and `no` are of one type, any.
#[derive(Clone, Copy, Debug)]
pub struct Select;

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "select",
    make: |_, _| Ok(Arc::new(Select)),
    oracle: Oracle::PyTorch,
    examples,
};

impl Op for Select {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [mask, yes, no] = x else {
            return Err(arity(self.name(), 3, x));
        };
        if mask.dtype != DType::Bool || yes.dtype != no.dtype {
            let message = format!("expected a bool mask and two operands of one type, got {x:?}");
            return Err(Error::shape(message).within(self.name()));
        }
        let shape = mask
            .shape
            .broadcast(&yes.shape)
            .and_then(|shape| shape.broadcast(&no.shape));
        Ok(Type::new(yes.dtype, shape.map_err(|e| e.within(self.name()))?))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Elementwise(Arc::new(*self))
    }

    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        match i {
            1 if y.dtype().is_float() => Some(x[0].select(dy, dy.full_like(0.0))),
            2 if y.dtype().is_float() => Some(x[0].select(dy.full_like(0.0), dy)),
            _ => None,
        }
    }

    fn jvp<'g>(&self, x: &[Var<'g>], y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        let (yes, no) = (dx[1], dx[2]);
        let zero = y.full_like(0.0);
        yes.or(no).map(|_| x[0].select(yes.unwrap_or(zero), no.unwrap_or(zero)))
    }
}

struct Choose<'a, T> {
    mask: &'a [bool],
    yes: &'a [T],
    no: &'a [T],
    y: &'a mut [T],
}

impl<T: Copy> Loop for Choose<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let choose = |mask: bool, yes: T, no: T| if mask { yes } else { no };
        match (self.mask, self.yes, self.no) {
            (&[mask], yes, no) => {
                for (i, y) in self.y.iter_mut().enumerate() {
                    *y = choose(mask, at(yes, i), at(no, i));
                }
            }
            (mask, &[yes], &[no]) => {
                for (y, &mask) in self.y.iter_mut().zip(mask) {
                    *y = choose(mask, yes, no);
                }
            }
            (mask, yes, &[no]) => {
                for ((y, &mask), &yes) in self.y.iter_mut().zip(mask).zip(yes) {
                    *y = choose(mask, yes, no);
                }
            }
            (mask, &[yes], no) => {
                for ((y, &mask), &no) in self.y.iter_mut().zip(mask).zip(no) {
                    *y = choose(mask, yes, no);
                }
            }
            (mask, yes, no) => {
                let operands = mask.iter().zip(yes).zip(no);
                for (y, ((&mask, &yes), &no)) in self.y.iter_mut().zip(operands) {
                    *y = choose(mask, yes, no);
                }
            }
        }
    }
}

impl TileKernel for Select {
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        macro_rules! choose {
            ($($dtype:ident)*) => {
                match (inputs, output) {
                    $(([Slice::Bool(mask), Slice::$dtype(yes), Slice::$dtype(no)], SliceMut::$dtype(y)) => {
                        isa.run(Choose { mask, yes, no, y });
                    })*
                    other @ (_, any_type!(SliceMut)) => unreachable!("infer lets only equal types through, not {other:?}"),
                }
            };
        }
        choose!(F32 F64 U8 I64 Bool);
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let shapes: [[&[usize]; 3]; 7] = [
        [&[], &[], &[]],
        [&[0, 2], &[2], &[1, 2]],
        [&[3, 5], &[3, 5], &[3, 5]],
        [&[2, 3], &[3], &[2, 1]],
        [&[4], &[], &[]],
        [&[1], &[3, 4], &[4]],
        [&[2, 3, 17], &[], &[3, 17]],
    ];
    shapes
        .map(|[mask, yes, no]| {
            let truths = (0..mask.iter().product()).map(|_| rng.below(2) == 1).collect();
            let mask = Tensor::from_vec::<bool>(truths, mask).unwrap_or_else(|error| unreachable!("{error}"));
            Example::new(
                Select,
                [mask, random(rng, yes, (-4.0, 4.0)), random(rng, no, (-4.0, 4.0))],
            )
        })
        .into()
}

impl<'g> Var<'g> {
    /// `yes` where this value holds, else `no`, element-wise.
    #[must_use]
    #[track_caller]
    pub fn select(self, yes: Self, no: Self) -> Self {
        self.graph().apply(Select, &[self, yes, no])
    }
}
