//! The logarithm of softmax.

use std::marker::PhantomData;
use std::sync::Arc;

use rosenblatt_tensor::Result;
use rosenblatt_tensor::kernels::reduce;
use rosenblatt_tensor::math::Float;

use super::softmax::{RowFunction, RowKernel, row_examples, rows};
use crate::op::{Family, Lowering, Op, Oracle, Type};
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
    examples: |rng| row_examples(rng, LogSoftmax),
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
        Lowering::Kernel(Arc::new(RowKernel(PhantomData::<Self>)))
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

impl RowFunction for LogSoftmax {
    #[inline(always)]
    fn rows<T: Float>(x: &[T], n: usize, y: &mut [T]) {
        for (x, y) in x.chunks_exact(n).zip(y.chunks_exact_mut(n)) {
            reduce::log_softmax_row(x, y);
        }
    }
}

impl<'g> Var<'g> {
    /// Logarithm of softmax along the last axis.
    #[must_use]
    #[track_caller]
    pub fn log_softmax(self) -> Self {
        self.by_rows(LogSoftmax)
    }
}
