//! One number of each row.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Element, Error, Isa, Result, Shape};

use super::take::random_index;
use crate::elementwise::{arity, random};
use crate::loops::{by_type, first_outside, index_error};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// One number of each row.
///
/// `yᵢ = x[i, indexᵢ]`
///
/// # Shapes
/// - `x`: `[m, n]`, any type; `index`: `[m]`, i64
/// - `y`: `[m]`
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the operands are not so; [`rosenblatt_tensor::ErrorKind::Data`], when it
/// runs, for an index outside `0..n`.
#[derive(Clone, Copy, Debug)]
pub struct TakeAlongAxis;

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "take_along_axis",
    make: |_, _| Ok(Arc::new(TakeAlongAxis)),
    oracle: Oracle::PyTorch,
    examples,
};

/// Shape `[m, n]` and i64 `[m]`, or an error.
pub(super) fn labeled_rows(name: &str, x: &[Type]) -> Result<[usize; 2]> {
    let [rows, index] = x else {
        return Err(arity(name, 2, x));
    };
    match (&rows.shape[..], &index.shape[..], index.dtype) {
        (&[m, n], &[m2], DType::I64) if m == m2 => Ok([m, n]),
        _ => Err(Error::shape(format!("expected [m, n] and i64 [m], got {x:?}")).within(name)),
    }
}

impl Op for TakeAlongAxis {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [m, _] = labeled_rows(self.name(), x)?;
        Ok(Type::new(x[0].dtype, Shape::new(&[m])?))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    /// x̄ = ȳ at the picked places, else 0
    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        let [m, n] = [x[0].shape()[0], x[0].shape()[1]];
        let picked = || {
            x[1].one_hot(n, DType::Bool)
                .select(dy.reshape(&[m, 1]), dy.full_like(0.0))
        };
        (i == 0 && y.dtype().is_float()).then(picked)
    }

    fn jvp<'g>(&self, x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(dx[0]?.take_along_axis(x[1]))
    }
}

struct PickOne<'a, T> {
    x: &'a [T],
    index: &'a [i64],
    y: &'a mut [T],
    n: usize,
}

impl<T: Element> Loop for PickOne<'_, T> {
    type Output = Option<usize>;

    /// The position of the first index that is out of range.
    #[inline(always)]
    fn run(self) -> Option<usize> {
        let Self { x, index, y, n } = self;
        let outside = first_outside(index, n);
        if outside.is_none() {
            for (row, (y, &i)) in y.iter_mut().zip(index).enumerate() {
                *y = x[row * n + i as usize];
            }
        }
        outside
    }
}

impl Kernel for TakeAlongAxis {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        by_type!(output.dtype(), T => {
            let (x, index, y) = (inputs[0].contiguous::<T>()?, inputs[1].contiguous::<i64>()?, output.numbers::<T>()?);
            let n = inputs[0].shape()[1];
            let bad = isa.run(PickOne { x, index, y, n });
            bad.map_or(Ok(()), |bad| Err(index_error(index[bad], range.start + bad, n)))
        })
    }

    fn reads(&self, _: usize) -> Reads {
        Reads::Rows
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let cases = [[4, 3], [1, 5], [3, 1], [2, 17], [0, 3]];
    cases
        .map(|[m, n]| {
            Example::new(
                TakeAlongAxis,
                [random(rng, &[m, n], (-1.0, 1.0)), random_index(rng, m, n)],
            )
        })
        .into()
}

impl<'g> Var<'g> {
    /// Number `index[i]` of row `i` for each `i`.
    #[must_use]
    #[track_caller]
    pub fn take_along_axis(self, index: Self) -> Self {
        self.apply2(TakeAlongAxis, index)
    }
}
