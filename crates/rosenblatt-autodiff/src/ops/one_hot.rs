//! Rows of zeros with a single one.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Error, Isa, Result, Shape};

use super::take::random_index;
use crate::elementwise::arity;
use crate::loops::{by_type, first_outside, index_error};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Graph, Var};

/// Rows of zeros with a single one.
///
/// `y[i, j] = 1` if `j = indexᵢ`, else 0
///
/// # Shapes
/// - `index`: `[m]`, i64
/// - `y`: `[m, classes]`, any type. It has no derivative.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the operand is not so; [`rosenblatt_tensor::ErrorKind::Data`], when it
/// runs, for an index outside `0..classes`.
#[derive(Clone, Copy, Debug)]
pub struct OneHot {
    /// Columns of the result.
    pub classes: usize,
    /// Type of the result.
    pub dtype: DType,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "one_hot",
    make: |attributes, _| {
        Ok(Arc::new(OneHot {
            classes: attributes.size("classes")?,
            dtype: attributes.dtype("dtype")?,
        }))
    },
    oracle: Oracle::Exhaustive,
    examples,
};

impl Op for OneHot {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
            .with("classes", self.classes)
            .with("dtype", self.dtype)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [index] = x else {
            return Err(arity(self.name(), 1, x));
        };
        let (&[m], DType::I64) = (&index.shape[..], index.dtype) else {
            return Err(Error::shape(format!("expected i64 [m], got {index:?}")).within(self.name()));
        };
        Ok(Type::new(
            self.dtype,
            Shape::new(&[m, self.classes]).map_err(|e| e.within(self.name()))?,
        ))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    crate::op::no_gradient!();
}

struct Mark<'a, T> {
    index: &'a [i64],
    y: &'a mut [T],
    classes: usize,
    one: T,
}

impl<T: Copy + Default> Loop for Mark<'_, T> {
    type Output = Option<usize>;

    /// The position of the first index that is out of range.
    #[inline(always)]
    fn run(self) -> Option<usize> {
        let Self { index, y, classes, one } = self;
        let outside = first_outside(index, classes);
        if outside.is_none() {
            y.fill(T::default());
            for (row, &i) in index.iter().enumerate() {
                y[row * classes + i as usize] = one;
            }
        }
        outside
    }
}

impl Kernel for OneHot {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        let (index, classes) = (inputs[0].contiguous::<i64>()?, self.classes);
        by_type!(self.dtype, T => {
            let (y, one) = (output.numbers::<T>()?, T::from(true));
            let bad = isa.run(Mark { index, y, classes, one });
            bad.map_or(Ok(()), |bad| Err(index_error(index[bad], range.start + bad, classes)))
        })
    }

    fn reads(&self, _: usize) -> Reads {
        Reads::Rows
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let types = [DType::F64, DType::F32, DType::U8, DType::I64, DType::Bool];
    let sizes = [(4, 3), (1, 1), (17, 5), (0, 3)];
    let all = types
        .into_iter()
        .flat_map(|dtype| sizes.map(|(m, classes)| (m, OneHot { classes, dtype })));
    all.map(|(m, op)| Example::new(op, [random_index(rng, m, op.classes)]))
        .collect()
}

impl<'g> Var<'g> {
    /// For each index a row of `classes` zeros with a one at the index.
    #[must_use]
    #[track_caller]
    pub fn one_hot(self, classes: usize, dtype: DType) -> Self {
        self.apply(OneHot { classes, dtype })
    }
}

impl Graph {
    /// The identity matrix of `n` rows.
    #[must_use]
    #[track_caller]
    pub fn eye(&self, n: usize, dtype: DType) -> Var<'_> {
        let index: Vec<i64> = (0..n as i64).collect();
        self.constant(index.into()).one_hot(n, dtype)
    }
}
