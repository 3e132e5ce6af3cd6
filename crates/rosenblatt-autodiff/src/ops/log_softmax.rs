//! The logarithm of softmax.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::kernels::reduce;
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Isa, Result};

use super::softmax::rows;
use crate::elementwise::random;
use crate::loops::by_float;
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// Logarithm of softmax along the last axis.
///
/// `yᵢ = xᵢ − ln Σⱼ exp(xⱼ)`
///
/// # Shapes
/// `[…, m, n]`, at least two axes (the method of [`Var`] takes one, too).
///
/// # Numerics
/// Safe for numbers of any size, where the logarithm of softmax would be `−∞` for probabilities that underflow.
#[derive(Clone, Copy, Debug)]
pub struct LogSoftmax;

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "log_softmax",
    make: |_, _| Ok(Arc::new(LogSoftmax)),
    oracle: Oracle::PyTorch,
    examples,
};

impl Op for LogSoftmax {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        rows(self.name(), x)
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    /// x̄ = ȳ − eʸ Σ ȳ
    fn vjp<'g>(&self, _: usize, _x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(dy - y.exp() * dy.sum(&[-1], true))
    }

    /// ẏ = ẋ − Σ eʸ ⊙ ẋ
    fn jvp<'g>(&self, _x: &[Var<'g>], y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        let dx = dx[0]?;
        Some(dx - (y.exp() * dx).sum(&[-1], true))
    }
}

struct LogSoftmaxRows<'a, T> {
    x: &'a [T],
    y: &'a mut [T],
    n: usize,
}

impl<T: Float> Loop for LogSoftmaxRows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let n = self.n.max(1);
        for (x, y) in self.x.chunks_exact(n).zip(self.y.chunks_exact_mut(n)) {
            reduce::log_softmax_row(x, y);
        }
    }
}

impl Kernel for LogSoftmax {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, _: Range<usize>) -> Result<()> {
        by_float!(output.dtype(), T => {
            let n = inputs[0].shape().last().copied().unwrap_or(1);
            isa.run(LogSoftmaxRows { x: inputs[0].contiguous::<T>()?, y: output.numbers::<T>()?, n });
            Ok(())
        })
    }

    fn reads(&self, _: usize) -> Reads {
        Reads::Rows
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let shapes: [&[usize]; 6] = [&[4, 3], &[1, 1], &[0, 3], &[2, 0], &[2, 3, 5], &[3, 17]];
    shapes
        .map(|shape| Example::new(LogSoftmax, [random(rng, shape, (-4.0, 4.0))]))
        .into()
}

impl<'g> Var<'g> {
    /// Logarithm of softmax along the last axis.
    #[must_use]
    #[track_caller]
    pub fn log_softmax(self) -> Self {
        self.by_rows(LogSoftmax)
    }
}
