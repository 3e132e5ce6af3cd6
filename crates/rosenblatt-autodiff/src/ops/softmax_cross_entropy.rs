//! Cross-entropy of class indices under a softmax.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::kernels::reduce::{LANES, for_each_short_row, largest_and_sum_of_powers};
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Error, Isa, Result, Shape};

use super::take::random_index;
use crate::elementwise::{arity, random};
use crate::loops::{by_float, first_outside, index_error};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Var};

/// Cross-entropy of class indices under a softmax, one for each row.
///
/// `yᵢ = −ln softmax(xᵢ)[targetᵢ] = ln Σⱼ exp(xᵢⱼ) − xᵢ[targetᵢ]`
///
/// # Shapes
/// - `x`: `[m, n]`, logits; `target`: `[m]`, i64
/// - `y`: `[m]`
///
/// # Numerics
/// Safe for logits of any size. One kernel instead of `log_softmax` and `take_along_axis`, since the latter's gradient
/// `ȳ − eʸ Σ ȳ` cancels where the right class is likely; here it is `softmax − one_hot` itself, and the logarithms of
/// all classes never pass through memory.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the operands are not so; [`rosenblatt_tensor::ErrorKind::Data`], when it
/// runs, for a target outside `0..n`.
#[derive(Clone, Copy, Debug)]
pub struct SoftmaxCrossEntropy;

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "softmax_cross_entropy",
    make: |_, _| Ok(Arc::new(SoftmaxCrossEntropy)),
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

impl Op for SoftmaxCrossEntropy {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [m, _] = labeled_rows(self.name(), x)?;
        Ok(Type::new(same_float(self.name(), &x[..1])?, Shape::new(&[m])?))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    /// x̄ = (softmax(x) − one_hot(target)) ȳ
    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        (i == 0).then(|| x[0].softmax_residual(x[1]) * dy.reshape(&[x[0].shape()[0], 1]))
    }

    /// ẏ = Σ (softmax(x) − one_hot(target)) ⊙ ẋ
    fn jvp<'g>(&self, x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some((x[0].softmax_residual(x[1]) * dx[0]?).sum(&[-1], false))
    }
}

/// `(max − x[target]) + ln Σ exp(x − max)` of each row.
struct Losses<'a, T> {
    x: &'a [T],
    target: &'a [i64],
    y: &'a mut [T],
    n: usize,
}

impl<T: Float> Loop for Losses<'_, T> {
    type Output = Option<usize>;

    /// The position of the first target that is out of range.
    #[inline(always)]
    fn run(self) -> Option<usize> {
        let Self { x, target, y, n } = self;
        let outside = first_outside(target, n);
        if outside.is_some() {
            return outside;
        }
        let mut finish = |row: usize, largest: T, ln_sum: f64| {
            let own = x[row * n + target[row] as usize];
            y[row] = (largest - own) + T::from_f64(ln_sum);
        };
        if n <= LANES {
            for_each_short_row(x, n, finish);
        } else {
            for (row, x) in x.chunks_exact(n).enumerate() {
                let (largest, sum) = largest_and_sum_of_powers(x);
                finish(row, largest, Float::ln(sum));
            }
        }
        None
    }
}

impl Kernel for SoftmaxCrossEntropy {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        by_float!(output.dtype(), T => {
            let (x, target, y) = (inputs[0].contiguous::<T>()?, inputs[1].contiguous::<i64>()?, output.numbers::<T>()?);
            let n = inputs[0].shape()[1];
            let bad = isa.run(Losses { x, target, y, n });
            bad.map_or(Ok(()), |bad| Err(index_error(target[bad], range.start + bad, n)))
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
                SoftmaxCrossEntropy,
                [random(rng, &[m, n], (-4.0, 4.0)), random_index(rng, m, n)],
            )
        })
        .into()
}

impl<'g> Var<'g> {
    /// Cross-entropy of the classes `target` under the softmax of these logits, one for each row.
    #[must_use]
    #[track_caller]
    pub fn softmax_cross_entropy(self, target: Self) -> Self {
        self.apply2(SoftmaxCrossEntropy, target)
    }
}
