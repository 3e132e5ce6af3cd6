//! Rows added to numbered places: the gradient of `take`.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::kernels::product::KB;
use rosenblatt_tensor::machine::{Kernel, View, ViewMut};
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Error, Isa, Result, Shape};

use super::take::random_index;
use crate::elementwise::{arity, random};
use crate::loops::{WIDTH, by_float, first_outside, index_error};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Var};

/// Rows added up by their number; rows without one are 0.
///
/// `y_r = Σ x_i` over all `i` with `index_i = r`
///
/// # Shapes
/// - `x`: `[m, …]`; `index`: `[m]`, i64
/// - `y`: `[rows, …]`
///
/// # Numerics
/// The bits of the product with the one-hot matrix of `index`: `i` ascends, in blocks of 128, block sums are added in
/// order.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the operands are not so; [`rosenblatt_tensor::ErrorKind::Data`], when it
/// runs, for an index outside `0..rows`.
#[derive(Clone, Copy, Debug)]
pub struct ScatterAdd {
    /// Rows of the result.
    pub rows: usize,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "scatter_add",
    make: |attributes, _| {
        Ok(Arc::new(ScatterAdd {
            rows: attributes.size("rows")?,
        }))
    },
    oracle: Oracle::PyTorch,
    examples,
};

/// The type of `count` rows made of those of `x[0]`, which are numbered by `x[1]`.
pub(super) fn rows_by_number(name: &str, x: &[Type], count: usize) -> Result<Type> {
    let [rows, index] = x else {
        return Err(arity(name, 2, x));
    };
    let dtype = same_float(name, &x[..1])?;
    let fits = index.dtype == DType::I64 && index.shape.rank() == 1 && rows.shape.first() == index.shape.first();
    if !fits {
        return Err(Error::shape(format!("expected [m, …] and i64 [m], got {x:?}")).within(name));
    }
    let shape = [&[count], &rows.shape[1..]].concat();
    Ok(Type::new(dtype, Shape::new(&shape).map_err(|e| e.within(name))?))
}

impl Op for ScatterAdd {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("rows", self.rows)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        rows_by_number(self.name(), x, self.rows)
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    /// x̄ = ȳ gathered
    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        (i == 0).then(|| dy.take(x[1]))
    }

    fn jvp<'g>(&self, x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(dx[0]?.scatter_add(x[1], self.rows))
    }
}

/// Adds up the rows whose number lies in `own`, and leaves the others to other threads.
struct AddRows<'a, T> {
    x: &'a [T],
    index: &'a [i64],
    y: &'a mut [T],
    own: Range<usize>,
    width: usize,
}

impl<T: Float> Loop for AddRows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        self.y.fill(T::ZERO);
        for (block, numbers) in self.index.chunks(KB).enumerate() {
            // Sorted by number, then by place: what belongs together is together, in ascending order.
            let mut places = [(0, 0); KB];
            let mut count = 0;
            for (i, &number) in numbers.iter().enumerate() {
                if self.own.contains(&(number as usize)) {
                    places[count] = (number as usize, block * KB + i);
                    count += 1;
                }
            }
            let places = &mut places[..count];
            places.sort_unstable();
            places
                .chunk_by(|a, b| a.0 == b.0)
                .for_each(|group| self.add_block(group));
        }
    }
}

impl<T: Float> AddRows<'_, T> {
    /// The rows of one block that go to one place: their sum, from +0, joins the total.
    #[inline(always)]
    fn add_block(&mut self, group: &[(usize, usize)]) {
        let total = (group[0].0 - self.own.start) * self.width;
        for column in (0..self.width).step_by(WIDTH) {
            let width = WIDTH.min(self.width - column);
            let mut sums = [T::ZERO; WIDTH];
            for (_, i) in group {
                let row = &self.x[i * self.width + column..][..width];
                sums.iter_mut().zip(row).for_each(|(sum, &x)| *sum = *sum + x);
            }
            let totals = &mut self.y[total + column..][..width];
            totals
                .iter_mut()
                .zip(sums)
                .for_each(|(total, sum)| *total = *total + sum);
        }
    }
}

impl Kernel for ScatterAdd {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        by_float!(output.dtype(), T => {
            let (x, index, y) = (inputs[0].contiguous::<T>()?, inputs[1].contiguous::<i64>()?, output.numbers::<T>()?);
            if let Some(bad) = first_outside(index, self.rows) {
                return Err(index_error(index[bad], bad, self.rows));
            }
            let width = inputs[0].shape()[1..].iter().product();
            isa.run(AddRows { x, index, y, own: range, width });
            Ok(())
        })
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let cases: [(&[usize], usize); 7] = [
        (&[4, 3], 5),
        (&[1, 2], 1),
        (&[2], 3),
        (&[3, 2, 2], 4),
        (&[0, 2], 3),
        (&[300, 2], 2),
        (&[5, 0], 2),
    ];
    cases
        .map(|(shape, rows)| {
            let x = random(rng, shape, (-1.0, 1.0));
            Example::new(ScatterAdd { rows }, [x, random_index(rng, shape[0], rows)])
        })
        .into()
}

impl<'g> Var<'g> {
    /// Row `i` of this value added to row `index[i]` of `rows` rows of zeros.
    #[must_use]
    #[track_caller]
    pub fn scatter_add(self, index: Self, rows: usize) -> Self {
        self.apply2(ScatterAdd { rows }, index)
    }

    /// The sum of the rows of each of `segments` segments; row `i` of this value belongs to segment `index[i]`. 0 for a
    /// segment without rows.
    ///
    /// Another name of [`Var::scatter_add`].
    #[must_use]
    #[track_caller]
    pub fn segment_sum(self, index: Self, segments: usize) -> Self {
        self.scatter_add(index, segments)
    }
}
