//! Rows by their number.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Element, Error, Isa, Result, Shape, Tensor};

use crate::elementwise::{arity, random};
use crate::loops::{by_type, first_outside, index_error};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// Rows of `x` by their number along the first axis.
///
/// `yᵢ = x[indexᵢ]`
///
/// # Shapes
/// - `x`: `[rows, …]`, any type; `index`: `[m]`, i64
/// - `y`: `[m, …]`
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the operands are not so; [`rosenblatt_tensor::ErrorKind::Data`], when it
/// runs, for an index outside `0..rows`.
#[derive(Clone, Copy, Debug)]
pub struct Take;

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "take",
    make: |_, _| Ok(Arc::new(Take)),
    oracle: Oracle::PyTorch,
    examples,
};

impl Op for Take {
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
        if rows.shape.rank() == 0 || index.dtype != DType::I64 || index.shape.rank() != 1 {
            let message = format!("expected [rows, …] and i64 [m], got {x:?}");
            return Err(Error::shape(message).within(self.name()));
        }
        let shape = [&index.shape[..], &rows.shape[1..]].concat();
        Ok(Type::new(rows.dtype, Shape::new(&shape)?))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    /// x̄ = ȳ scattered
    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        (i == 0 && y.dtype().is_float()).then(|| dy.scatter_add(x[1], x[0].shape()[0]))
    }

    fn jvp<'g>(&self, x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(dx[0]?.take(x[1]))
    }
}

struct CopyRows<'a, T> {
    x: &'a [T],
    index: &'a [i64],
    y: &'a mut [T],
    rows: usize,
}

impl<T: Element> Loop for CopyRows<'_, T> {
    type Output = Option<usize>;

    /// The position of the first index that is out of range.
    #[inline(always)]
    fn run(self) -> Option<usize> {
        let Self { x, index, y, rows } = self;
        let outside = first_outside(index, rows);
        if outside.is_some() {
            return outside;
        }
        match y.len() / index.len().max(1) {
            0 => {}
            // Not a call for each number.
            1 => y.iter_mut().zip(index).for_each(|(y, &i)| *y = x[i as usize]),
            width => {
                for (y, &i) in y.chunks_exact_mut(width).zip(index) {
                    y.copy_from_slice(&x[i as usize * width..][..width]);
                }
            }
        }
        None
    }
}

impl Kernel for Take {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        by_type!(output.dtype(), T => {
            let (x, index, y) = (inputs[0].contiguous::<T>()?, inputs[1].contiguous::<i64>()?, output.numbers::<T>()?);
            let rows = inputs[0].shape()[0];
            let bad = isa.run(CopyRows { x, index, y, rows });
            bad.map_or(Ok(()), |bad| Err(index_error(index[bad], range.start + bad, rows)))
        })
    }

    fn reads(&self, input: usize) -> Reads {
        if input == 0 { Reads::Whole } else { Reads::Rows }
    }
}

/// `count` random numbers below `bound`.
pub(super) fn random_index(rng: &mut Stream, count: usize, bound: usize) -> Tensor {
    let index = (0..count).map(|_| rng.below(bound as u64) as i64).collect();
    Tensor::from_vec::<i64>(index, &[count]).unwrap_or_else(|error| unreachable!("{error}"))
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let cases: [(&[usize], usize); 6] = [
        (&[5, 3], 4),
        (&[1, 2], 1),
        (&[3], 2),
        (&[4, 2, 2], 3),
        (&[3, 2], 0),
        (&[17, 0], 5),
    ];
    cases
        .map(|(shape, count)| {
            let x = random(rng, shape, (-1.0, 1.0));
            Example::new(Take, [x, random_index(rng, count, shape[0])])
        })
        .into()
}

impl<'g> Var<'g> {
    /// Row `index[i]` of this value for each `i`.
    #[must_use]
    #[track_caller]
    pub fn take(self, index: Self) -> Self {
        self.apply2(Take, index)
    }
}
