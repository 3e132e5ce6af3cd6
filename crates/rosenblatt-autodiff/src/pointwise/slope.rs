//! The derivative of an activation times a second operand, in one loop.

use std::fmt::{self, Debug};
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Slice, SliceMut, TileKernel};
use rosenblatt_tensor::{Error, Isa, Result};

use super::{ACTIVATIONS, Dual};
use crate::elementwise::{arity, at, random};
use crate::loops::any_type;
use crate::op::{Example, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Elementwise, Family, Real, Var};

/// The derivative of an [`Elementwise`] function, times a second operand; operands are broadcast.
///
/// `y = f′(x) · dx`;  `∂y/∂x = f″(x) · dx`, `∂y/∂dx = f′(x)`
///
/// # Numerics
/// The function itself on dual numbers: `y` is what it gives beside `f(x)` for `x + dx · ε`. Where the function is computed
/// in f64, so is `y`, and rounded once.
#[derive(Clone)]
pub struct Slope<E>(pub E);

impl<E: Elementwise> Slope<E> {
    /// The registry entry: what [`Elementwise::SLOPE`] is for a function that has one loop for its derivative.
    pub const FAMILY: Family = Family {
        name: NAME,
        make: |attributes, _| Ok(Arc::new(Self(E::make(attributes)?))),
        oracle: Oracle::Exhaustive,
        examples: |rng| {
            let rules = E::instances().into_iter();
            let ops: Vec<Arc<dyn Op>> = rules.map(|rule| Arc::new(Self(rule)) as _).collect();
            let shapes: [[&[usize]; 2]; 5] = [
                [&[], &[]],
                [&[0, 2], &[2]],
                [&[3, 5], &[3, 5]],
                [&[2, 3, 17], &[3, 1]],
                [&[1], &[4]],
            ];
            let mut example =
                |op, shapes: [&[usize]; 2]| Example::of(op, shapes.map(|shape| random(rng, shape, E::DOMAIN)).into());
            ops.iter()
                .flat_map(|op| shapes.map(|shapes| example(op, shapes)))
                .collect()
        },
    };

    #[inline(always)]
    fn f<T: Real>(&self, x: T, dx: T) -> T {
        self.0.value(Dual::new(x, dx)).derivative
    }

    fn on<'g>(&self, x: Var<'g>, dx: Var<'g>) -> Var<'g> {
        x.apply2(self.clone(), dx)
    }

    /// `f″(x) · dx · dy`: the slope on dual numbers.
    fn bend<T: Real>(&self, x: T, dx: T, dy: T) -> T {
        self.f(Dual::new(x, dy), Dual::constant(dx)).derivative
    }
}

const NAME: &str = "slope";

impl<E: Debug> Debug for Slope<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Slope").field(&self.0).finish()
    }
}

impl<E: Elementwise> Op for Slope<E> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn attributes(&self) -> Attributes {
        self.0.attributes().with("of", E::NAME)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [a, b] = x else { return Err(arity(NAME, 2, x)) };
        let shape = a.shape.broadcast(&b.shape).map_err(|e| e.within(NAME))?;
        Ok(Type::new(same_float(NAME, x)?, shape))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Elementwise(Arc::new(self.clone()))
    }

    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(match i {
            0 => self.bend(x[0], x[1], dy),
            _ => self.on(x[0], dy),
        })
    }

    fn jvp<'g>(&self, x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        let by_x = dx[0].map(|dx| self.bend(x[0], x[1], dx));
        let by_dx = dx[1].map(|dx| self.on(x[0], dx));
        by_x.into_iter().chain(by_dx).reduce(|a, b| a + b)
    }
}

struct Map<'a, E, T> {
    slope: &'a Slope<E>,
    x: &'a [T],
    dx: &'a [T],
    y: &'a mut [T],
}

impl<E: Elementwise, T: Real> Loop for Map<'_, E, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { slope, x, dx, y } = self;
        if x.len() == y.len() && dx.len() == y.len() {
            for ((y, &x), &dx) in y.iter_mut().zip(x).zip(dx) {
                *y = slope.f(x, dx);
            }
        } else {
            for (i, y) in y.iter_mut().enumerate() {
                *y = slope.f(at(x, i), at(dx, i));
            }
        }
    }
}

impl<E: Elementwise> TileKernel for Slope<E> {
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        match (inputs, output) {
            ([Slice::F32(x), Slice::F32(dx)], SliceMut::F32(y)) => isa.run(Map { slope: self, x, dx, y }),
            ([Slice::F64(x), Slice::F64(dx)], SliceMut::F64(y)) => isa.run(Map { slope: self, x, dx, y }),
            other @ (_, any_type!(SliceMut)) => {
                unreachable!("infer lets only floats of one type through, not {other:?}")
            }
        }
    }
}

/// The registry entry of the slopes of all activations that have one.
pub(crate) static FAMILY: Family = Family {
    name: NAME,
    make: |attributes, x| {
        let name = attributes.text("of")?;
        let mut known = ACTIVATIONS.iter().filter(|activation| activation.name() == name);
        let slope = known.find_map(|activation| activation.slope);
        let slope = slope.ok_or_else(|| Error::config(format!("no activation with a slope is called `{name}`")))?;
        (slope.make)(attributes, x)
    },
    oracle: Oracle::Exhaustive,
    examples: |rng| {
        let slopes = ACTIVATIONS.iter().filter_map(|activation| activation.slope);
        slopes.flat_map(|slope| (slope.examples)(rng)).collect()
    },
};
