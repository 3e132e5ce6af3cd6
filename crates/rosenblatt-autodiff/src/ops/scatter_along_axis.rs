//! Numbers of each row added at their places: the gradient of `take_along_axis`.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Error, Isa, Result, Shape, Tensor};

use super::take::random_index;
use super::take_along_axis::{of_row, random_places};
use crate::elementwise::{arity, random};
use crate::loops::{by_float, first_outside, index_error};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Var};

/// Numbers of each row added at their places in a row of zeros.
///
/// `y[i, p] = Σ x[i, j]` over all `j` with `index[i, j] = p`
///
/// # Shapes
/// - `x`, `index` (i64): `[m]` or `[m, k]`
/// - `y`: `[m, n]`
///
/// # Numerics
/// The numbers of one place are added one by one from +0, in the order of `j`: there are few of them.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the operands are not so; [`rosenblatt_tensor::ErrorKind::Data`], when it
/// runs, for an index outside `0..n`.
#[derive(Clone, Copy, Debug)]
pub struct ScatterAlongAxis {
    /// Length of a row of the result.
    pub n: usize,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "scatter_along_axis",
    make: |attributes, _| {
        Ok(Arc::new(ScatterAlongAxis {
            n: attributes.size("n")?,
        }))
    },
    oracle: Oracle::PyTorch,
    examples,
};

impl Op for ScatterAlongAxis {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("n", self.n)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [numbers, index] = x else {
            return Err(arity(self.name(), 2, x));
        };
        let dtype = same_float(self.name(), &x[..1])?;
        match &numbers.shape[..] {
            &[m] | &[m, _] if index.dtype == DType::I64 && index.shape == numbers.shape => {
                let shape = Shape::new(&[m, self.n]).map_err(|e| e.within(self.name()))?;
                Ok(Type::new(dtype, shape))
            }
            _ => Err(
                Error::shape(format!("expected [m] or [m, k], and i64 of that shape, got {x:?}")).within(self.name()),
            ),
        }
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    /// x̄ = ȳ at the places
    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        (i == 0).then(|| dy.take_along_axis(x[1]))
    }

    fn jvp<'g>(&self, x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(dx[0]?.scatter_along_axis(x[1], self.n))
    }
}

struct Put<'a, T> {
    x: &'a [T],
    index: &'a [i64],
    y: &'a mut [T],
    n: usize,
    k: usize,
}

impl<T: Float> Loop for Put<'_, T> {
    type Output = Option<usize>;

    /// The position of the first index that is out of range.
    #[inline(always)]
    fn run(self) -> Option<usize> {
        let Self { x, index, y, n, k } = self;
        let outside = first_outside(index, n);
        if outside.is_none() {
            y.fill(T::ZERO);
            let rows = x.chunks(k).zip(index.chunks(k));
            for (row, (x, index)) in rows.enumerate() {
                let y = &mut y[row * n..][..n];
                x.iter()
                    .zip(index)
                    .for_each(|(&x, &i)| y[i as usize] = y[i as usize] + x);
            }
        }
        outside
    }
}

impl Kernel for ScatterAlongAxis {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        by_float!(output.dtype(), T => {
            let (x, index, y) = (inputs[0].contiguous::<T>()?, inputs[1].contiguous::<i64>()?, output.numbers::<T>()?);
            let (n, k) = (self.n, of_row(inputs[1].shape()));
            let bad = isa.run(Put { x, index, y, n, k });
            bad.map_or(Ok(()), |bad| Err(index_error(index[bad], range.start * k + bad, n)))
        })
    }

    fn reads(&self, _: usize) -> Reads {
        Reads::Rows
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let one = [(4, 3), (1, 5), (3, 1), (0, 3)].map(|(m, n)| (random_index(rng, m, n), n));
    let several = [([4, 2], 3), ([1, 9], 4), ([2, 300], 3), ([3, 0], 2), ([0, 2], 3)]
        .map(|(shape, n)| (random_places(rng, shape, n), n));
    let several = several.into_iter().filter_map(|(index, n)| Some((index.ok()?, n)));
    let all: Vec<_> = one.into_iter().chain(several).collect();
    let example = |(index, n): (Tensor, usize)| {
        let x = random(rng, index.shape(), (-1.0, 1.0));
        Example::new(ScatterAlongAxis { n }, [x, index])
    };
    all.into_iter().map(example).collect()
}

impl<'g> Var<'g> {
    /// Numbers of each row, `[m]` or `[m, k]`, added at their places in rows of `n` zeros.
    #[must_use]
    #[track_caller]
    pub fn scatter_along_axis(self, index: Self, n: usize) -> Self {
        self.apply2(ScatterAlongAxis { n }, index)
    }
}
