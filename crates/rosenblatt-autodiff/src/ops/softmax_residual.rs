//! Softmax minus the one-hot code of a class.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Isa, Result};

use super::softmax::{Rows, Softmax};
use super::softmax_cross_entropy::labeled_rows;
use super::take::random_index;
use crate::elementwise::random;
use crate::loops::{by_float, index_error};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Var};

/// Softmax of each row minus the one-hot code of its class: the derivative of the cross-entropy.
///
/// `yᵢⱼ = softmax(xᵢ)ⱼ − [j = targetᵢ]`
///
/// # Shapes
/// - `x`, `y`: `[m, n]`; `target`: `[m]`, i64
///
/// A primitive, though it is a difference of two, because it saves two kernels and a matrix of zeros in every training
/// step of a classifier.
///
/// # Errors
/// As [`super::SoftmaxCrossEntropy`].
#[derive(Clone, Copy, Debug)]
pub struct SoftmaxResidual;

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "softmax_residual",
    make: |_, _| Ok(Arc::new(SoftmaxResidual)),
    oracle: Oracle::PyTorch,
    examples,
};

impl Op for SoftmaxResidual {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        labeled_rows(self.name(), x)?;
        same_float(self.name(), &x[..1])?;
        Ok(x[0])
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    /// That of the softmax: x̄ = p ⊙ (ȳ − Σ ȳ ⊙ p)
    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        let p = (i == 0).then(|| x[0].softmax())?;
        Some(p * (dy - (dy * p).sum(&[-1], true)))
    }

    /// The Jacobian is symmetric: as the vjp.
    fn jvp<'g>(&self, x: &[Var<'g>], y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        self.vjp(0, x, y, dx[0]?)
    }
}

impl Kernel for SoftmaxResidual {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        by_float!(output.dtype(), T => {
            let (x, target, y) = (inputs[0].contiguous::<T>()?, inputs[1].contiguous::<i64>()?, output.numbers::<T>()?);
            let n = inputs[0].shape()[1];
            isa.run(Rows { x, y: &mut *y, n, function: PhantomData::<Softmax> });
            let bad = isa.run(SubtractOnes { y, target, n });
            bad.map_or(Ok(()), |bad| Err(index_error(target[bad], range.start + bad, n)))
        })
    }

    fn reads(&self, _: usize) -> Reads {
        Reads::Rows
    }
}

struct SubtractOnes<'a, T> {
    y: &'a mut [T],
    target: &'a [i64],
    n: usize,
}

impl<T: Float> Loop for SubtractOnes<'_, T> {
    type Output = Option<usize>;

    /// The position of the first target that is out of range.
    #[inline(always)]
    fn run(self) -> Option<usize> {
        for (row, &target) in self.target.iter().enumerate() {
            match usize::try_from(target) {
                Ok(target) if target < self.n => {
                    let place = &mut self.y[row * self.n + target];
                    *place = *place - T::ONE;
                }
                _ => return Some(row),
            }
        }
        None
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    [[4, 3], [1, 5], [3, 1], [2, 17], [0, 3]]
        .map(|[m, n]| {
            Example::new(
                SoftmaxResidual,
                [random(rng, &[m, n], (-4.0, 4.0)), random_index(rng, m, n)],
            )
        })
        .into()
}

impl<'g> Var<'g> {
    /// The softmax of these logits minus the one-hot codes of the classes `target`.
    #[must_use]
    #[track_caller]
    pub fn softmax_residual(self, target: Self) -> Self {
        self.apply2(SoftmaxResidual, target)
    }
}
