//! Functions of integers: one or two i64, without a derivative.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Slice, SliceMut, TileKernel};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Error, Isa, Result, Tensor};

use crate::elementwise::{arity, at};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// A function of two integers. Mark `f` `#[inline(always)]`: it is compiled into the loop of each instruction set.
pub(crate) trait OfIntegers: 'static {
    /// `y = f(a, b)`
    fn f(a: i64, b: i64) -> i64;
}

/// Applies `f` to integers: a slice of one number is broadcast.
pub(crate) struct MapIntegers<'a, F>(PhantomData<F>, [&'a [i64]; 2], &'a mut [i64]);

impl<'a, F> MapIntegers<'a, F> {
    pub(crate) fn new(operands: [&'a [i64]; 2], y: &'a mut [i64]) -> Self {
        Self(PhantomData, operands, y)
    }
}

impl<F: OfIntegers> Loop for MapIntegers<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self(_, [a, b], y) = self;
        for (i, y) in y.iter_mut().enumerate() {
            *y = F::f(at(a, i), at(b, i));
        }
    }
}

/// A function of two integers that is an op.
pub(crate) trait IntegerRule: OfIntegers + Copy + Debug + Default + Send + Sync {
    /// Its name: file, registry key.
    const NAME: &'static str;
}

/// The op of a function of two integers; operands are broadcast.
#[derive(Clone, Copy)]
pub struct Integer<R>(pub R);

impl<R: Debug> Debug for Integer<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<R: IntegerRule> Op for Integer<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [a, b] = x else { return Err(arity(R::NAME, 2, x)) };
        if a.dtype != DType::I64 || b.dtype != DType::I64 {
            return Err(Error::shape(format!("expected two operands of type i64, got {x:?}")).within(R::NAME));
        }
        let shape = a.shape.broadcast(&b.shape).map_err(|e| e.within(R::NAME))?;
        Ok(Type::new(DType::I64, shape))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Elementwise(Arc::new(*self))
    }

    crate::op::no_gradient!();
}

impl<R: IntegerRule> TileKernel for Integer<R> {
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        match (inputs, output) {
            ([Slice::I64(a), Slice::I64(b)], SliceMut::I64(y)) => isa.run(MapIntegers::<R>::new([a, b], y)),
            other => unreachable!("infer lets only i64 through, not {other:?}"),
        }
    }
}

/// The registry entry of a function of two integers.
pub(crate) const fn family<R: IntegerRule>() -> Family {
    Family {
        name: R::NAME,
        make: |_, _| Ok(Arc::new(Integer(R::default()))),
        oracle: Oracle::PyTorch,
        examples: |rng| integer_examples(rng, 2, &(Arc::new(Integer(R::default())) as _)),
    }
}

/// Examples of an op of one or two integers: small ones, so that ties and zeros occur, and the ends of the range.
pub(crate) fn integer_examples(rng: &mut Stream, operands: usize, op: &Arc<dyn Op>) -> Vec<Example> {
    let shapes: [[&[usize]; 2]; 5] = [
        [&[], &[]],
        [&[0, 2], &[2]],
        [&[1], &[1]],
        [&[3, 5], &[3, 5]],
        [&[2, 3, 17], &[3, 1]],
    ];
    let few = [-7, -2, -1, 0, 1, 3, i64::MIN, i64::MAX];
    let mut draw = |shape: &[usize]| {
        let values = (0..shape.iter().product()).map(|_| few[rng.below(8) as usize]);
        Tensor::from_vec::<i64>(values.collect(), shape).unwrap_or_else(|error| unreachable!("{error}"))
    };
    let example = |shapes: [&[usize]; 2]| {
        let inputs = shapes[..operands].iter().map(|shape| draw(shape));
        Example::of(op, inputs.collect())
    };
    shapes.map(example).into()
}
