//! From a rule for one number to an op: shapes, kernels and derivatives follow from `f` and `df`.

use std::fmt::{self, Debug};
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Slice, SliceMut, TileKernel};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Error, Isa, Result, Tensor};

use crate::op::{Example, Family, Kind, Op, Oracle, Type, same_float};
use crate::{Real, Var};

/// A function of one number. Mark `f` `#[inline(always)]`: it is compiled once per instruction set, into its loop.
pub trait Elementwise: Clone + Debug + Send + Sync + 'static {
    /// Its name: file, registry key.
    const NAME: &'static str;
    /// What its values and gradients are compared with.
    const ORACLE: Oracle = Oracle::PyTorch;
    /// Where tests may evaluate it and its derivatives.
    const DOMAIN: (f64, f64) = (-4.0, 4.0);

    /// `y = f(x)`
    fn f<T: Real>(&self, x: T) -> T;

    /// `dy/dx`, from `x` and `y`.
    fn df<T: Real>(&self, x: T, y: T) -> T;

    /// Members of the family that tests look at.
    fn instances() -> Vec<Self>;
}

/// A function of two numbers; operands are broadcast.
pub trait Elementwise2: Clone + Debug + Send + Sync + 'static {
    /// Its name: file, registry key.
    const NAME: &'static str;
    /// What its values and gradients are compared with.
    const ORACLE: Oracle = Oracle::PyTorch;
    /// Where tests may evaluate it, for each operand.
    const DOMAIN: [(f64, f64); 2] = [(-4.0, 4.0); 2];

    /// `y = f(a, b)`
    fn f<T: Real>(&self, a: T, b: T) -> T;

    /// `∂y/∂a · dy`: the cotangent of `a`.
    fn da<T: Real>(&self, a: T, b: T, y: T, dy: T) -> T;

    /// `∂y/∂b · dy`: the cotangent of `b`.
    fn db<T: Real>(&self, a: T, b: T, y: T, dy: T) -> T;

    /// Members of the family that tests look at.
    fn instances() -> Vec<Self>;
}

/// The op of an [`Elementwise`] rule.
#[derive(Clone)]
pub struct Unary<E>(pub E);

/// The op of an [`Elementwise2`] rule.
#[derive(Clone)]
pub struct Binary<E>(pub E);

impl<E: Debug> Debug for Unary<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: Debug> Debug for Binary<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: Elementwise> Op for Unary<E> {
    fn name(&self) -> &'static str {
        E::NAME
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [only] = x else { return Err(arity(E::NAME, 1, x)) };
        same_float(E::NAME, x)?;
        Ok(*only)
    }

    fn kind(&self) -> Kind {
        Kind::Elementwise(Arc::new(self.clone()))
    }

    fn vjp<'g>(&self, _: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(dy * self.0.df(x[0], y))
    }

    fn jvp<'g>(&self, x: &[Var<'g>], y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(dx[0]? * self.0.df(x[0], y))
    }
}

impl<E: Elementwise2> Op for Binary<E> {
    fn name(&self) -> &'static str {
        E::NAME
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [a, b] = x else { return Err(arity(E::NAME, 2, x)) };
        let dtype = same_float(E::NAME, x)?;
        Ok(Type::new(
            dtype,
            a.shape.broadcast(&b.shape).map_err(|e| e.within(E::NAME))?,
        ))
    }

    fn kind(&self) -> Kind {
        Kind::Elementwise(Arc::new(self.clone()))
    }

    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(if i == 0 {
            self.0.da(x[0], x[1], y, dy)
        } else {
            self.0.db(x[0], x[1], y, dy)
        })
    }

    fn jvp<'g>(&self, x: &[Var<'g>], y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        // The derivative is diagonal, so the rule for a cotangent is the rule for a tangent.
        let da = dx[0].map(|dx| self.0.da(x[0], x[1], y, dx));
        let db = dx[1].map(|dx| self.0.db(x[0], x[1], y, dx));
        match (da, db) {
            (Some(da), Some(db)) => Some(da + db),
            (da, db) => da.or(db),
        }
    }
}

pub(crate) fn arity(name: &str, want: usize, got: &[Type]) -> Error {
    Error::shape(format!("expected {want} operands, got {}", got.len())).within(name)
}

struct Map1<'a, E, T>(&'a E, &'a [T], &'a mut [T]);

impl<E: Elementwise, T: Real> Loop for Map1<'_, E, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self(rule, x, y) = self;
        match x {
            [x] => y.fill(rule.f(*x)),
            _ => {
                for (y, &x) in y.iter_mut().zip(x) {
                    *y = rule.f(x);
                }
            }
        }
    }
}

struct Map2<'a, E, T>(&'a E, [&'a [T]; 2], &'a mut [T]);

impl<E: Elementwise2, T: Real> Loop for Map2<'_, E, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self(rule, [a, b], y) = self;
        match (a, b) {
            (&[a], &[b]) => y.fill(rule.f(a, b)),
            (&[a], b) => {
                for (y, &b) in y.iter_mut().zip(b) {
                    *y = rule.f(a, b);
                }
            }
            (a, &[b]) => {
                for (y, &a) in y.iter_mut().zip(a) {
                    *y = rule.f(a, b);
                }
            }
            (a, b) => {
                for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
                    *y = rule.f(a, b);
                }
            }
        }
    }
}

impl<E: Elementwise> TileKernel for Unary<E> {
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        match (inputs, output) {
            ([Slice::F32(x)], SliceMut::F32(y)) => isa.run(Map1(&self.0, x, y)),
            ([Slice::F64(x)], SliceMut::F64(y)) => isa.run(Map1(&self.0, x, y)),
            other => unreachable!("infer lets only floats through, not {other:?}"),
        }
    }
}

impl<E: Elementwise2> TileKernel for Binary<E> {
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        match (inputs, output) {
            ([Slice::F32(a), Slice::F32(b)], SliceMut::F32(y)) => isa.run(Map2(&self.0, [a, b], y)),
            ([Slice::F64(a), Slice::F64(b)], SliceMut::F64(y)) => isa.run(Map2(&self.0, [a, b], y)),
            other => unreachable!("infer lets only floats through, not {other:?}"),
        }
    }
}

/// A random tensor of the given shape with elements uniform in `[low, high)`.
pub(crate) fn random(rng: &mut Stream, shape: &[usize], (low, high): (f64, f64)) -> Tensor {
    let values = (0..shape.iter().product())
        .map(|_| low + (high - low) * rng.next_f64())
        .collect();
    Tensor::from_vec::<f64>(values, shape).unwrap_or_else(|error| unreachable!("{error}"))
}

impl Family {
    /// The registry entry of a function of one number.
    #[must_use]
    pub const fn unary<E: Elementwise>() -> Self {
        Self {
            name: E::NAME,
            oracle: E::ORACLE,
            examples: |rng| {
                let shapes: [&[usize]; 5] = [&[], &[0, 2], &[1], &[3, 5], &[2, 1, 17]];
                let mut examples = Vec::new();
                for rule in E::instances() {
                    for shape in shapes {
                        examples.push(Example::new(Unary(rule.clone()), [random(rng, shape, E::DOMAIN)]));
                    }
                    let strided = random(rng, &[4, 3], E::DOMAIN).permute(&[1, 0]);
                    examples.extend(strided.ok().map(|x| Example::new(Unary(rule.clone()), [x])));
                }
                examples
            },
        }
    }

    /// The registry entry of a function of two numbers.
    #[must_use]
    pub const fn binary<E: Elementwise2>() -> Self {
        Self {
            name: E::NAME,
            oracle: E::ORACLE,
            examples: |rng| {
                let shapes: [[&[usize]; 2]; 7] = [
                    [&[], &[]],
                    [&[0, 2], &[2]],
                    [&[3, 5], &[3, 5]],
                    [&[3, 1], &[5]],
                    [&[2, 3, 17], &[3, 1]],
                    [&[1], &[4, 2]],
                    [&[5, 2], &[]],
                ];
                let mut examples = Vec::new();
                for rule in E::instances() {
                    for [a, b] in shapes {
                        let inputs = [random(rng, a, E::DOMAIN[0]), random(rng, b, E::DOMAIN[1])];
                        examples.push(Example::new(Binary(rule.clone()), inputs));
                    }
                    let strided = random(rng, &[4, 3], E::DOMAIN[0]).permute(&[1, 0]);
                    let plain = random(rng, &[3, 4], E::DOMAIN[1]);
                    examples.extend(strided.ok().map(|x| Example::new(Binary(rule.clone()), [x, plain])));
                }
                examples
            },
        }
    }
}
