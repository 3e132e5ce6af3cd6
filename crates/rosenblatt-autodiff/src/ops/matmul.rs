//! Matrix product.

use std::sync::Arc;

use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Error, Result, Shape};

use crate::elementwise::{arity, random};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Var};

/// Matrix product; leading axes are broadcast.
///
/// `Y = A B`
///
/// # Shapes
/// - `A`: `[batch…, m, k]`, `B`: `[batch…, k, n]`
/// - `Y`: `[batch…, m, n]`
///
/// # Numerics
/// The sum over `k` follows the sum rule: blocks of 128 fused multiply-adds, blocks added in order.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the inner sizes differ, or an operand has fewer than two axes.
#[derive(Clone, Copy, Debug)]
pub struct MatMul;

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "matmul",
    make: |_, _| Ok(Arc::new(MatMul)),
    oracle: Oracle::PyTorch,
    examples,
};

impl Op for MatMul {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [a, b] = x else {
            return Err(arity(self.name(), 2, x));
        };
        let dtype = same_float(self.name(), x)?;
        let fail = |message: String| Err(Error::shape(message).within(self.name()));
        let (Some((&[m, k], batch_a)), Some((&[k2, n], batch_b))) = (
            a.shape.split_last_chunk().map(|(r, l)| (l, r)),
            b.shape.split_last_chunk().map(|(r, l)| (l, r)),
        ) else {
            return fail(format!(
                "expected two axes or more, got {:?} and {:?}",
                a.shape, b.shape
            ));
        };
        if k != k2 {
            return fail(format!("inner sizes differ: {:?} and {:?}", a.shape, b.shape));
        }
        let batch = Shape::new(batch_a)?
            .broadcast(&Shape::new(batch_b)?)
            .map_err(|e| e.within(self.name()))?;
        Ok(Type::new(dtype, Shape::new(&[&batch[..], &[m, n]].concat())?))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Product
    }

    /// Ā = Ȳ Bᵀ,  B̄ = Aᵀ Ȳ
    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(if i == 0 {
            dy.matmul(x[1].matrix_transpose())
        } else {
            x[0].matrix_transpose().matmul(dy)
        })
    }

    /// `Σₜ Aₜ Bₜ` is one product, with time and `k` as one axis.
    fn sum_over_steps<'g>(&self, x: &[Var<'g>]) -> Option<Var<'g>> {
        let [a, b] = *x else { return None };
        let (&[steps, m, k], &[_, _, n]) = (&a.shape()[..], &b.shape()[..]) else {
            return None;
        };
        let wide = a.permute(&[1, 0, 2]).reshape(&[m, steps * k]);
        Some(wide.matmul(b.reshape(&[steps * k, n])))
    }

    /// Ẏ = Ȧ B + A Ḃ
    fn jvp<'g>(&self, x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        let left = dx[0].map(|da| da.matmul(x[1]));
        let right = dx[1].map(|db| x[0].matmul(db));
        match (left, right) {
            (Some(left), Some(right)) => Some(left + right),
            (left, right) => left.or(right),
        }
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let shapes: [[&[usize]; 2]; 8] = [
        [&[3, 4], &[4, 5]],
        [&[1, 1], &[1, 1]],
        [&[0, 3], &[3, 2]],
        [&[2, 0], &[0, 3]],
        [&[17, 130], &[130, 33]],
        [&[2, 3, 4], &[2, 4, 5]],
        [&[2, 1, 3, 4], &[3, 4, 2]],
        [&[2, 3, 4], &[4, 1]],
    ];
    let range = (-1.0, 1.0);
    let plain = shapes.map(|[a, b]| Example::new(MatMul, [random(rng, a, range), random(rng, b, range)]));
    let square = random(rng, &[4, 4], range);
    let strided = random(rng, &[5, 3], range).permute(&[1, 0]);
    let right = random(rng, &[5, 2], range);
    let twice = Example::new(MatMul, [square.clone(), square]);
    plain
        .into_iter()
        .chain([twice])
        .chain(strided.ok().map(|a| Example::new(MatMul, [a, right])))
        .collect()
}

impl<'g> Var<'g> {
    /// The matrix product `self · other` of the last two axes; leading axes are broadcast.
    #[must_use]
    #[track_caller]
    pub fn matmul(self, other: Self) -> Self {
        self.apply2(MatMul, other)
    }
}
