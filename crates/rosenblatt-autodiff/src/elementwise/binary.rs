//! Functions of two numbers.

use std::fmt::{self, Debug};
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Slice, SliceMut, TileKernel};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Isa, Result};

use super::{arity, no_attributes, only_instance, random};
use crate::loops::{MapIntegers, OfIntegers, any_type, integer_examples};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float, same_number};
use crate::{Attributes, Real, Var};

/// A function of two numbers; operands are broadcast.
pub trait Elementwise2: Clone + Debug + Send + Sync + 'static {
    /// Its name: file, registry key.
    const NAME: &'static str;
    /// What its values and gradients are compared with.
    const ORACLE: Oracle = Oracle::PyTorch;
    /// Where tests may evaluate it, for each operand.
    const DOMAIN: [(f64, f64); 2] = [(-4.0, 4.0); 2];

    /// Special points at which tests evaluate it and its derivatives, too: pairs of operands.
    const EDGES: &'static [[f64; 2]] = &[];

    /// `y = f(a, b)`
    fn f<T: Real>(&self, a: T, b: T) -> T;

    /// `∂y/∂a · dy`: the cotangent of `a`.
    fn da<T: Real>(&self, a: T, b: T, y: T, dy: T) -> T;

    /// `∂y/∂b · dy`: the cotangent of `b`.
    fn db<T: Real>(&self, a: T, b: T, y: T, dy: T) -> T;

    /// The same of two i64, if it is defined: `None` for all integers if not. It must not panic; it has no derivative.
    #[inline(always)]
    fn of_integers(a: i64, b: i64) -> Option<i64> {
        let _ = (a, b);
        None
    }

    /// Its fields; a rule without fields need not write this.
    ///
    /// A rule with fields that does not is refused by the compiler, when a graph uses it.
    fn attributes(&self) -> Attributes {
        no_attributes::<Self>()
    }

    /// The rule with these attributes; a rule without fields, or one that is not in [`crate::ops::families`], need not write
    /// this.
    ///
    /// # Errors
    /// An attribute is missing or of another kind.
    fn make(attributes: &Attributes) -> Result<Self> {
        let _ = attributes;
        only_instance(Self::instances(), Self::NAME)
    }

    /// Members of the family that tests look at; the ops of [`crate::ops::families`] have at least one.
    fn instances() -> Vec<Self> {
        Vec::new()
    }
}

/// The op of an [`Elementwise2`] rule.
#[derive(Clone)]
pub struct Binary<E>(pub E);

impl<E: Debug> Debug for Binary<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: Elementwise2> Op for Binary<E> {
    fn name(&self) -> &'static str {
        E::NAME
    }

    fn attributes(&self) -> Attributes {
        self.0.attributes()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [a, b] = x else { return Err(arity(E::NAME, 2, x)) };
        let dtype = if E::of_integers(0, 0).is_some() {
            same_number(E::NAME, x)?
        } else {
            same_float(E::NAME, x)?
        };
        Ok(Type::new(
            dtype,
            a.shape.broadcast(&b.shape).map_err(|e| e.within(E::NAME))?,
        ))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Elementwise(Arc::new(self.clone()))
    }

    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        y.dtype().is_float().then(|| match i {
            0 => self.0.da(x[0], x[1], y, dy),
            _ => self.0.db(x[0], x[1], y, dy),
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

/// As [`Map2`], but the result takes the place of one operand, and `.2` is the other.
struct Map2InPlace<'a, E, T>(&'a E, usize, &'a [T], &'a mut [T]);

impl<E: Elementwise2, T: Real> Loop for Map2InPlace<'_, E, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self(rule, place, other, y) = self;
        match (place, other) {
            (0, &[b]) => {
                for y in y {
                    *y = rule.f(*y, b);
                }
            }
            (_, &[a]) => {
                for y in y {
                    *y = rule.f(a, *y);
                }
            }
            (0, b) => {
                for (y, &b) in y.iter_mut().zip(b) {
                    *y = rule.f(*y, b);
                }
            }
            (_, a) => {
                for (y, &a) in y.iter_mut().zip(a) {
                    *y = rule.f(a, *y);
                }
            }
        }
    }
}

impl<E: Elementwise2> OfIntegers for Binary<E> {
    #[inline(always)]
    fn f(a: i64, b: i64) -> i64 {
        E::of_integers(a, b).unwrap_or_default()
    }
}

impl<E: Elementwise2> TileKernel for Binary<E> {
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        match (inputs, output) {
            ([Slice::F32(a), Slice::F32(b)], SliceMut::F32(y)) => isa.run(Map2(&self.0, [a, b], y)),
            ([Slice::F64(a), Slice::F64(b)], SliceMut::F64(y)) => isa.run(Map2(&self.0, [a, b], y)),
            ([Slice::I64(a), Slice::I64(b)], SliceMut::I64(y)) => isa.run(MapIntegers::<Self>::new([a, b], y)),
            other @ (_, any_type!(SliceMut)) => unreachable!("infer lets only numbers through, not {other:?}"),
        }
    }

    fn run_in_place(&self, isa: Isa, place: usize, inputs: &[Slice<'_>], output: SliceMut<'_>) -> bool {
        match (inputs, output) {
            ([Slice::F32(a), Slice::F32(b)], SliceMut::F32(y)) => {
                isa.run(Map2InPlace(&self.0, place, if place == 0 { b } else { a }, y));
            }
            ([Slice::F64(a), Slice::F64(b)], SliceMut::F64(y)) => {
                isa.run(Map2InPlace(&self.0, place, if place == 0 { b } else { a }, y));
            }
            (_, SliceMut::I64(_)) => return false,
            other @ (_, SliceMut::F32(_) | SliceMut::F64(_) | SliceMut::U8(_) | SliceMut::Bool(_)) => {
                unreachable!("infer lets only numbers through, not {other:?}")
            }
        }
        true
    }
}

impl Family {
    /// The registry entry of a function of two numbers.
    #[must_use]
    pub const fn binary<E: Elementwise2>() -> Self {
        Self {
            name: E::NAME,
            make: |attributes, _| Ok(Arc::new(Binary(E::make(attributes)?))),
            oracle: E::ORACLE,
            examples: |rng| {
                let has_integers = E::of_integers(0, 0).is_some();
                let rules = E::instances().into_iter();
                let ops: Vec<Arc<dyn Op>> = rules.map(|rule| Arc::new(Binary(rule)) as _).collect();
                examples(rng, &ops, E::DOMAIN, E::EDGES, has_integers)
            },
        }
    }
}

fn examples(
    rng: &mut Stream,
    ops: &[Arc<dyn Op>],
    domain: [(f64, f64); 2],
    edges: &[[f64; 2]],
    has_integers: bool,
) -> Vec<Example> {
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
    for op in ops {
        for [a, b] in shapes {
            let inputs = [random(rng, a, domain[0]), random(rng, b, domain[1])];
            examples.push(Example::of(op, inputs.into()));
        }
        let strided = random(rng, &[4, 3], domain[0]).permute(&[1, 0]);
        let plain = random(rng, &[3, 4], domain[1]);
        examples.extend(strided.ok().map(|x| Example::of(op, vec![x, plain])));
        if !edges.is_empty() {
            let edges = [0, 1].map(|i| edges.iter().map(|edge| edge[i]).collect::<Vec<f64>>().into());
            examples.push(Example::of(op, edges.into()));
        }
        if has_integers {
            examples.extend(integer_examples(rng, 2, op));
        }
    }
    examples
}
