//! The derivative of an activation times a second operand, in one loop.

use std::fmt::{self, Debug};
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Slice, SliceMut, TileKernel};
use rosenblatt_tensor::{Error, Isa, Result};

use super::{ACTIVATIONS, Dual};
use crate::elementwise::{BROADCAST, arity, at, random};
use crate::loops::any_type;
use crate::op::{Example, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Elementwise, Family, Real, Var};

/// The derivative of an [`Elementwise`] function, times a second operand; operands are broadcast.
///
/// `y = f′(x) · dx`;  `∂y/∂x = f″(x) · dx`, `∂y/∂dx = f′(x)`
///
/// # Numerics
/// The function itself on dual numbers: `y` is the derivative part of `f(x + dx · ε)`. Where the function is computed
/// in f64, so is `y`, and rounded once.
#[derive(Clone)]
pub struct Derivative<E>(pub E);

impl<E: Elementwise> Derivative<E> {
    /// The registry entry: what [`Elementwise::DERIVATIVE`] is for a function that has one loop for its derivative.
    pub const FAMILY: Family = Family {
        name: NAME,
        make: |attributes, _| Ok(Arc::new(Self(E::make(attributes)?))),
        oracle: Oracle::Exhaustive,
        examples: |rng| {
            let rules = E::instances().into_iter();
            let ops: Vec<Arc<dyn Op>> = rules.map(|rule| Arc::new(Self(rule)) as _).collect();
            let mut example =
                |op, shapes: [&[usize]; 2]| Example::of(op, shapes.map(|shape| random(rng, shape, E::DOMAIN)).into());
            ops.iter()
                .flat_map(|op| BROADCAST.map(|shapes| example(op, shapes)))
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

    /// `f″(x) · dx · dy`: the derivative on dual numbers.
    fn second<T: Real>(&self, x: T, dx: T, dy: T) -> T {
        self.f(Dual::new(x, dy), Dual::constant(dx)).derivative
    }
}

const NAME: &str = "derivative";

impl<E: Debug> Debug for Derivative<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Derivative").field(&self.0).finish()
    }
}

impl<E: Elementwise> Op for Derivative<E> {
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
            0 => self.second(x[0], x[1], dy),
            _ => self.on(x[0], dy),
        })
    }

    fn jvp<'g>(&self, x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        let by_x = dx[0].map(|dx| self.second(x[0], x[1], dx));
        let by_dx = dx[1].map(|dx| self.on(x[0], dx));
        by_x.into_iter().chain(by_dx).reduce(|a, b| a + b)
    }
}

struct Map<'a, E, T> {
    rule: &'a Derivative<E>,
    x: &'a [T],
    dx: &'a [T],
    y: &'a mut [T],
}

impl<E: Elementwise, T: Real> Loop for Map<'_, E, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { rule, x, dx, y } = self;
        if x.len() == y.len() && dx.len() == y.len() {
            for ((y, &x), &dx) in y.iter_mut().zip(x).zip(dx) {
                *y = rule.f(x, dx);
            }
        } else {
            for (i, y) in y.iter_mut().enumerate() {
                *y = rule.f(at(x, i), at(dx, i));
            }
        }
    }
}

impl<E: Elementwise> TileKernel for Derivative<E> {
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        match (inputs, output) {
            ([Slice::F32(x), Slice::F32(dx)], SliceMut::F32(y)) => isa.run(Map { rule: self, x, dx, y }),
            ([Slice::F64(x), Slice::F64(dx)], SliceMut::F64(y)) => isa.run(Map { rule: self, x, dx, y }),
            other @ (_, any_type!(SliceMut)) => {
                unreachable!("infer lets only floats of one type through, not {other:?}")
            }
        }
    }
}

/// The registry entry of the derivatives of all activations that have an op for it.
pub(crate) static FAMILY: Family = Family {
    name: NAME,
    make: |attributes, x| {
        let name = attributes.text("of")?;
        let mut known = ACTIVATIONS.iter().filter(|activation| activation.name() == name);
        let derivative = known.find_map(|activation| activation.derivative);
        let derivative = derivative.ok_or_else(|| {
            Error::config(format!(
                "no activation with an op for its derivative is called `{name}`"
            ))
        })?;
        (derivative.make)(attributes, x)
    },
    oracle: Oracle::Exhaustive,
    examples: |rng| {
        let derivatives = ACTIVATIONS.iter().filter_map(|activation| activation.derivative);
        derivatives.flat_map(|family| (family.examples)(rng)).collect()
    },
};
