//! Comparisons: ops with a bool result.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Slice, SliceMut, TileKernel};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Error, Isa, Result, Tensor};

use super::any_type;
use crate::elementwise::{BROADCAST, arity};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// A relation of two numbers. Mark `holds` `#[inline(always)]`: it is compiled into the loop of each instruction set.
pub(crate) trait Comparison: Copy + Debug + Send + Sync + 'static {
    /// Its name: file, registry key.
    const NAME: &'static str;

    /// Whether `a` relates to `b`.
    fn holds<T: PartialOrd>(a: T, b: T) -> bool;
}

/// The op of a relation: operands of one type, broadcast; the result is bool.
#[derive(Clone, Copy)]
pub struct Compare<C>(pub C);

impl<C: Debug> Debug for Compare<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<C: Comparison> Op for Compare<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [a, b] = x else { return Err(arity(C::NAME, 2, x)) };
        if a.dtype != b.dtype {
            return Err(Error::shape(format!("expected operands of one type, got {x:?}")).within(C::NAME));
        }
        Ok(Type::new(
            DType::Bool,
            a.shape.broadcast(&b.shape).map_err(|e| e.within(C::NAME))?,
        ))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Elementwise(Arc::new(*self))
    }

    crate::op::no_gradient!();
}

struct Relate<'a, C, T> {
    relation: PhantomData<C>,
    a: &'a [T],
    b: &'a [T],
    y: &'a mut [bool],
}

impl<C: Comparison, T: Copy + PartialOrd> Loop for Relate<'_, C, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let y = self.y.iter_mut();
        match (self.a, self.b) {
            (&[a], &[b]) => {
                for y in y {
                    *y = C::holds(a, b);
                }
            }
            (&[a], b) => {
                for (y, &b) in y.zip(b) {
                    *y = C::holds(a, b);
                }
            }
            (a, &[b]) => {
                for (y, &a) in y.zip(a) {
                    *y = C::holds(a, b);
                }
            }
            (a, b) => {
                for ((y, &a), &b) in y.zip(a).zip(b) {
                    *y = C::holds(a, b);
                }
            }
        }
    }
}

impl<C: Comparison> TileKernel for Compare<C> {
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        macro_rules! relate {
            ($($dtype:ident)*) => {
                match (inputs, output) {
                    $(([Slice::$dtype(a), Slice::$dtype(b)], SliceMut::Bool(y)) => {
                        isa.run(Relate { relation: PhantomData::<C>, a, b, y });
                    })*
                    other @ (_, any_type!(SliceMut)) => unreachable!("infer lets only equal types through, not {other:?}"),
                }
            };
        }
        relate!(F32 F64 U8 I64 Bool);
    }
}

/// The registry entry of a relation.
pub(crate) const fn family<C: Comparison + Default>() -> Family {
    Family {
        name: C::NAME,
        make: |_, _| Ok(Arc::new(Compare(C::default()))),
        oracle: Oracle::Exhaustive,
        examples: examples::<C>,
    }
}

/// Every type, with ties and NaN; broadcast; no elements.
fn examples<C: Comparison + Default>(rng: &mut Stream) -> Vec<Example> {
    let mut examples = Vec::new();
    for dtype in [DType::F64, DType::F32, DType::I64, DType::U8, DType::Bool] {
        for [a, b] in BROADCAST {
            let inputs = [few_values(rng, dtype, a), few_values(rng, dtype, b)];
            examples.push(Example::new(Compare(C::default()), inputs));
        }
    }
    examples
}

/// A random tensor of so few different numbers that some of them are equal.
fn few_values(rng: &mut Stream, dtype: DType, shape: &[usize]) -> Tensor {
    let mut draw = |values: [f64; 4]| {
        (0..shape.iter().product())
            .map(|_| values[rng.below(4) as usize])
            .collect()
    };
    let numbers: Vec<f64> = match dtype {
        DType::F32 | DType::F64 => draw([-1.5, 0.0, 2.25, f64::NAN]),
        DType::U8 | DType::I64 | DType::Bool => draw([0.0, 1.0, 2.0, 200.0]),
    };
    let tensor = match dtype {
        DType::F32 => Tensor::from_vec(numbers.iter().map(|&x| x as f32).collect(), shape),
        DType::U8 => Tensor::from_vec(numbers.iter().map(|&x| x as u8).collect(), shape),
        DType::I64 => Tensor::from_vec(numbers.iter().map(|&x| x as i64).collect(), shape),
        DType::Bool => Tensor::from_vec(numbers.iter().map(|&x| x > 1.0).collect(), shape),
        DType::F64 => Tensor::from_vec(numbers, shape),
    };
    tensor.unwrap_or_else(|error| unreachable!("{error}"))
}
