//! How many rows have their largest number at the right place.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::kernels::reduce;
use rosenblatt_tensor::machine::{Kernel, View, ViewMut};
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Isa, Result, Shape};

use super::softmax_cross_entropy::labeled_rows;
use super::take::random_index;
use crate::elementwise::random;
use crate::loops::by_float;
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Var};

/// The number of rows whose first largest number is at `target`.
///
/// `y = Σᵢ [argmax xᵢ = targetᵢ]`
///
/// # Shapes
/// - `x`: `[m, n]`; `target`: `[m]`, i64
/// - `y`: a scalar of the type of `x`; it has no derivative
///
/// A primitive, though `argmax`, `eq`, `cast` and `sum` say the same, because the accuracy of every training step would
/// otherwise be three of its nineteen kernels.
///
/// # Numerics
/// A row with NaN has its first NaN as its largest number. The count is exact up to 2²⁴ rows in f32.
#[derive(Clone, Copy, Debug)]
pub struct CountCorrect;

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "count_correct",
    make: |_, _| Ok(Arc::new(CountCorrect)),
    oracle: Oracle::Exhaustive,
    examples,
};

impl Op for CountCorrect {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        labeled_rows(self.name(), x)?;
        Ok(Type::new(same_float(self.name(), &x[..1])?, Shape::SCALAR))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    crate::op::no_gradient!();
}

struct Count<'a, T> {
    x: &'a [T],
    target: &'a [i64],
    n: usize,
}

impl<T: Float> Loop for Count<'_, T> {
    type Output = usize;

    #[inline(always)]
    fn run(self) -> usize {
        if self.n <= reduce::LANES {
            return reduce::count_hits_short_rows(self.x, self.n, self.target);
        }
        let rows = self.x.chunks_exact(self.n).zip(self.target);
        rows.filter(|&(x, &target)| reduce::argmax(x).is_some_and(|place| place as i64 == target))
            .count()
    }
}

impl Kernel for CountCorrect {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, _: Range<usize>) -> Result<()> {
        by_float!(output.dtype(), T => {
            let (x, target) = (inputs[0].contiguous::<T>()?, inputs[1].contiguous::<i64>()?);
            let correct = isa.run(Count { x, target, n: inputs[0].shape()[1] });
            output.numbers::<T>()?.fill(T::from_f64(correct as f64));
            Ok(())
        })
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    [[4, 3], [1, 5], [3, 1], [40, 2], [0, 3]]
        .map(|[m, n]| {
            Example::new(
                CountCorrect,
                [random(rng, &[m, n], (-4.0, 4.0)), random_index(rng, m, n)],
            )
        })
        .into()
}

impl<'g> Var<'g> {
    /// The number of rows whose largest number is at `target`.
    #[must_use]
    #[track_caller]
    pub fn count_correct(self, target: Self) -> Self {
        self.apply2(CountCorrect, target)
    }
}
