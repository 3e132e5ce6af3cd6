//! Numbers of each row by their places.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Element, Error, Isa, Result, Tensor};

use super::take::random_index;
use crate::elementwise::{arity, random};
use crate::loops::{by_type, first_outside, index_error};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// Numbers of each row by their places: one, or several.
///
/// `y[i, j] = x[i, index[i, j]]`
///
/// # Shapes
/// - `x`: `[m, n]`, any type; `index`: `[m]` or `[m, k]`, i64
/// - `y`: as `index`
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

impl Op for TakeAlongAxis {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [rows, index] = x else {
            return Err(arity(self.name(), 2, x));
        };
        match (&rows.shape[..], &index.shape[..], index.dtype) {
            (&[m, _], &[m2] | &[m2, _], DType::I64) if m == m2 => Ok(Type::new(rows.dtype, index.shape)),
            _ => Err(Error::shape(format!("expected [m, n] and i64 [m] or [m, k], got {x:?}")).within(self.name())),
        }
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    /// x̄ = ȳ at the picked places, else 0
    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        let back = || dy.scatter_along_axis(x[1], x[0].shape()[1]);
        (i == 0 && y.dtype().is_float()).then(back)
    }

    fn jvp<'g>(&self, x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(dx[0]?.take_along_axis(x[1]))
    }
}

struct Pick<'a, T> {
    x: &'a [T],
    index: &'a [i64],
    y: &'a mut [T],
    n: usize,
    k: usize,
}

impl<T: Element> Loop for Pick<'_, T> {
    type Output = Option<usize>;

    /// The position of the first index that is out of range.
    #[inline(always)]
    fn run(self) -> Option<usize> {
        let Self { x, index, y, n, k } = self;
        let outside = first_outside(index, n);
        if outside.is_none() {
            let rows = y.chunks_mut(k).zip(index.chunks(k));
            for (row, (y, index)) in rows.enumerate() {
                let x = &x[row * n..][..n];
                y.iter_mut().zip(index).for_each(|(y, &i)| *y = x[i as usize]);
            }
        }
        outside
    }
}

impl Kernel for TakeAlongAxis {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        by_type!(output.dtype(), T => {
            let (x, index, y) = (inputs[0].contiguous::<T>()?, inputs[1].contiguous::<i64>()?, output.numbers::<T>()?);
            let (n, k) = (inputs[0].shape()[1], of_row(inputs[1].shape()));
            let bad = isa.run(Pick { x, index, y, n, k });
            bad.map_or(Ok(()), |bad| Err(index_error(index[bad], range.start * k + bad, n)))
        })
    }

    fn reads(&self, _: usize) -> Reads {
        Reads::Rows
    }
}

/// How many numbers of a row an index of this shape names; at least 1, so that rows are pieces of it.
pub(super) fn of_row(index: &[usize]) -> usize {
    index.get(1).map_or(1, |&k| k.max(1))
}

/// `m` rows of `k` places below `n`.
pub(super) fn random_places(rng: &mut Stream, [m, k]: [usize; 2], n: usize) -> Result<Tensor> {
    random_index(rng, m * k, n).reshape(&[m, k])
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let one = [[4, 3], [1, 5], [3, 1], [2, 17], [0, 3]].map(|[m, n]| (random_index(rng, m, n), [m, n]));
    let several = [[4, 2, 3], [1, 9, 4], [3, 0, 2], [0, 2, 3]].map(|[m, k, n]| (random_places(rng, [m, k], n), [m, n]));
    let several = several
        .into_iter()
        .filter_map(|(index, shape)| Some((index.ok()?, shape)));
    let all: Vec<_> = one.into_iter().chain(several).collect();
    let example =
        |(index, shape): (Tensor, [usize; 2])| Example::new(TakeAlongAxis, [random(rng, &shape, (-1.0, 1.0)), index]);
    all.into_iter().map(example).collect()
}

impl<'g> Var<'g> {
    /// Numbers of each row of `[m, n]` by their places: `[m]` of them, or `[m, k]`.
    #[must_use]
    #[track_caller]
    pub fn take_along_axis(self, index: Self) -> Self {
        self.apply2(TakeAlongAxis, index)
    }
}
