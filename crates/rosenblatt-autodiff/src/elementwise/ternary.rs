//! Functions of three numbers.

use std::fmt::{self, Debug};
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Slice, SliceMut, TileKernel};
use rosenblatt_tensor::{Isa, Result};

use super::{arity, only_instance, random};
use crate::loops::any_type;
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Real, Var};

/// A function of three numbers; operands are broadcast.
pub trait Elementwise3: Clone + Debug + Send + Sync + 'static {
    /// Its name: file, registry key.
    const NAME: &'static str;
    /// What its values and gradients are compared with.
    const ORACLE: Oracle = Oracle::PyTorch;
    /// Where tests may evaluate it, for each operand.
    const DOMAIN: [(f64, f64); 3] = [(-4.0, 4.0); 3];

    /// `y = f(a, b, c)`
    fn f<T: Real>(&self, a: T, b: T, c: T) -> T;

    /// `∂y/∂xᵢ · dy`: the cotangent of operand `i` of `x = [a, b, c]`.
    fn d<T: Real>(&self, i: usize, x: [T; 3], y: T, dy: T) -> T;

    /// Its fields; a rule without fields need not write this.
    ///
    /// A rule with fields that does not is refused by the compiler, when a graph uses it.
    fn attributes(&self) -> Attributes {
        const {
            assert!(
                size_of::<Self>() == 0,
                "a rule with fields writes `attributes`, with all of them"
            )
        };
        Attributes::new()
    }

    /// The rule with these attributes; a rule without fields, or one that is not in [`crate::ops::OPS`], need not write
    /// this.
    ///
    /// # Errors
    /// An attribute is missing or of another kind.
    fn make(attributes: &Attributes) -> Result<Self> {
        const {
            assert!(
                size_of::<Self>() == 0,
                "a rule with fields writes `make`, from all of them"
            )
        };
        let _ = attributes;
        only_instance(Self::instances(), Self::NAME)
    }

    /// Members of the family that tests look at; the ops of [`crate::ops::OPS`] have at least one.
    fn instances() -> Vec<Self> {
        Vec::new()
    }
}

/// The op of an [`Elementwise3`] rule.
#[derive(Clone)]
pub struct Ternary<E>(pub E);

impl<E: Debug> Debug for Ternary<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: Elementwise3> Op for Ternary<E> {
    fn name(&self) -> &'static str {
        E::NAME
    }

    fn attributes(&self) -> Attributes {
        self.0.attributes()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [a, b, c] = x else { return Err(arity(E::NAME, 3, x)) };
        let dtype = same_float(E::NAME, x)?;
        let shape = a.shape.broadcast(&b.shape).and_then(|shape| shape.broadcast(&c.shape));
        Ok(Type::new(dtype, shape.map_err(|e| e.within(E::NAME))?))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Elementwise(Arc::new(self.clone()))
    }

    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(self.0.d(i, [x[0], x[1], x[2]], y, dy))
    }

    /// The derivative is diagonal, so the rule for a cotangent is the rule for a tangent.
    fn jvp<'g>(&self, x: &[Var<'g>], y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        let parts = dx.iter().enumerate();
        parts
            .filter_map(|(i, dx)| Some(self.0.d(i, [x[0], x[1], x[2]], y, (*dx)?)))
            .reduce(|sum, part| sum + part)
    }
}

struct Map3<'a, E, T>(&'a E, [&'a [T]; 3], &'a mut [T]);

impl<E: Elementwise3, T: Real> Loop for Map3<'_, E, T> {
    type Output = ();

    /// Loops of their own for what is common: three rows, and two with one number for all as the last.
    #[inline(always)]
    fn run(self) {
        let Self(rule, [a, b, c], y) = self;
        let n = y.len();
        match c {
            &[c] if a.len() == n && b.len() == n => {
                for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
                    *y = rule.f(a, b, c);
                }
            }
            c if a.len() == n && b.len() == n => {
                for (((y, &a), &b), &c) in y.iter_mut().zip(a).zip(b).zip(c) {
                    *y = rule.f(a, b, c);
                }
            }
            c => {
                for (i, y) in y.iter_mut().enumerate() {
                    *y = rule.f(at(a, i), at(b, i), at(c, i));
                }
            }
        }
    }
}

/// Element `i`, or the only one.
#[inline(always)]
pub(crate) fn at<T: Copy>(x: &[T], i: usize) -> T {
    if let [only] = x { *only } else { x[i] }
}

impl<E: Elementwise3> TileKernel for Ternary<E> {
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        match (inputs, output) {
            ([Slice::F32(a), Slice::F32(b), Slice::F32(c)], SliceMut::F32(y)) => {
                isa.run(Map3(&self.0, [a, b, c], y));
            }
            ([Slice::F64(a), Slice::F64(b), Slice::F64(c)], SliceMut::F64(y)) => {
                isa.run(Map3(&self.0, [a, b, c], y));
            }
            other @ (_, any_type!(SliceMut)) => unreachable!("infer lets only floats through, not {other:?}"),
        }
    }
}

impl Family {
    /// The registry entry of a function of three numbers.
    #[must_use]
    pub const fn ternary<E: Elementwise3>() -> Self {
        Self {
            name: E::NAME,
            make: |attributes, _| Ok(Arc::new(Ternary(E::make(attributes)?))),
            oracle: E::ORACLE,
            examples: |rng| {
                let shapes: [[&[usize]; 3]; 7] = [
                    [&[], &[], &[]],
                    [&[0, 2], &[2], &[1, 2]],
                    [&[3, 5], &[3, 5], &[3, 5]],
                    [&[3, 17], &[3, 17], &[]],
                    [&[2, 3], &[3], &[2, 1]],
                    [&[1], &[3, 4], &[4]],
                    [&[4], &[], &[]],
                ];
                let mut examples = Vec::new();
                for rule in E::instances() {
                    for shapes in shapes {
                        let inputs = std::array::from_fn::<_, 3, _>(|i| random(rng, shapes[i], E::DOMAIN[i]));
                        examples.push(Example::new(Ternary(rule.clone()), inputs));
                    }
                }
                examples
            },
        }
    }
}
