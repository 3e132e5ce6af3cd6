//! Softmax.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::kernels::reduce;
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Error, Isa, Result};

use crate::elementwise::{arity, random};
use crate::loops::by_float;
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Var};

/// Softmax along the last axis.
///
/// `yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ)`
///
/// # Shapes
/// `[…, m, n]`, at least two axes (the method of [`Var`] takes one, too).
///
/// # Numerics
/// The largest number is subtracted first, so numbers of any size are safe; composed of other ops, they would overflow
/// or cost four passes over memory. Powers below 2⁻¹⁰⁰ of the largest (f64: 2⁻⁹⁰⁰) count as 0: gradients made of them would
/// be subnormal numbers, which are slow. A row of `−∞`, or one that holds `+∞` or NaN, becomes NaN, as in PyTorch.
#[derive(Clone, Copy, Debug)]
pub struct Softmax;

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "softmax",
    make: |_, _| Ok(Arc::new(Softmax)),
    oracle: Oracle::PyTorch,
    examples: |rng| row_examples(rng, Softmax),
};

/// The operand's own type, if its last axis can be cut off: threads share the first one.
pub(super) fn rows(name: &str, x: &[Type]) -> Result<Type> {
    let [only] = x else { return Err(arity(name, 1, x)) };
    same_float(name, x)?;
    if only.shape.rank() < 2 {
        return Err(Error::shape(format!("expected two axes or more, got {only:?}")).within(name));
    }
    Ok(*only)
}

impl Op for Softmax {
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

    /// x̄ = y ⊙ (ȳ − Σ ȳ ⊙ y)
    fn vjp<'g>(&self, _: usize, _x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(y * (dy - (dy * y).sum(&[-1], true)))
    }

    /// The Jacobian is symmetric: as the vjp.
    fn jvp<'g>(&self, _x: &[Var<'g>], y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        let dx = dx[0]?;
        Some(y * (dx - (dx * y).sum(&[-1], true)))
    }
}

/// A function of each row of the last axis.
pub(super) trait RowFunction: Op + Copy {
    /// Computes the rows of `x`, each of `n` numbers, into `y`.
    fn rows<T: Float>(x: &[T], n: usize, y: &mut [T]);
}

impl RowFunction for Softmax {
    #[inline(always)]
    fn rows<T: Float>(x: &[T], n: usize, y: &mut [T]) {
        if n <= reduce::LANES {
            return reduce::softmax_short_rows(x, n, y);
        }
        for (x, y) in x.chunks_exact(n).zip(y.chunks_exact_mut(n)) {
            reduce::softmax_row(x, y);
        }
    }
}

/// The loop of a [`RowFunction`].
pub(super) struct Rows<'a, T, F> {
    pub(super) x: &'a [T],
    pub(super) y: &'a mut [T],
    pub(super) n: usize,
    pub(super) function: PhantomData<F>,
}

impl<T: Float, F: RowFunction> Loop for Rows<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        F::rows(self.x, self.n.max(1), self.y);
    }
}

/// The kernel of a [`RowFunction`].
pub(super) struct RowKernel<F>(pub(super) PhantomData<F>);

impl<F: RowFunction> Kernel for RowKernel<F> {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, _: Range<usize>) -> Result<()> {
        by_float!(output.dtype(), T => {
            let n = inputs[0].shape().last().copied().unwrap_or(1);
            let (x, y) = (inputs[0].contiguous::<T>()?, output.numbers::<T>()?);
            isa.run(Rows { x, y, n, function: self.0 });
            Ok(())
        })
    }

    fn reads(&self, _: usize) -> Reads {
        Reads::Rows
    }
}

/// Small shapes with full and short rows, and without any.
pub(super) fn row_examples(rng: &mut Stream, op: impl Op + Copy) -> Vec<Example> {
    let shapes: [&[usize]; 6] = [&[4, 3], &[1, 1], &[0, 3], &[2, 0], &[2, 3, 5], &[3, 17]];
    shapes
        .map(|shape| Example::new(op, [random(rng, shape, (-4.0, 4.0))]))
        .into()
}

impl<'g> Var<'g> {
    /// Softmax along the last axis.
    #[must_use]
    #[track_caller]
    pub fn softmax(self) -> Self {
        self.by_rows(Softmax)
    }

    /// Applies an op on rows, also to a single one.
    #[track_caller]
    pub(super) fn by_rows(self, op: impl Op) -> Self {
        match self.shape()[..] {
            [n] => self.reshape(&[1, n]).apply(op).reshape(&[n]),
            _ => self.apply(op),
        }
    }
}
