//! Functions of one number.

use std::fmt::{self, Debug};
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Slice, SliceMut, TileKernel};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Isa, Result};

use super::{arity, no_attributes, only_instance, random};
use crate::loops::{MapIntegers, OfIntegers, any_type, integer_examples};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float, same_number};
use crate::pointwise::{Dual, Setting};
use crate::{Attributes, Real, Var};

/// A function of one number. Mark `f` `#[inline(always)]`: it is compiled once per instruction set, into its loop.
pub trait Elementwise: Clone + Debug + Send + Sync + 'static {
    /// Its name: file, registry key.
    const NAME: &'static str;
    /// What its values and gradients are compared with.
    const ORACLE: Oracle = Oracle::PyTorch;
    /// Where tests may evaluate it and its derivatives.
    const DOMAIN: (f64, f64) = (-4.0, 4.0);

    /// Whether it is computed in f64 and rounded once: where f32 would lose digits, because an error of an argument grows on
    /// the way or a factor is subnormal.
    const IN_F64: bool = false;

    /// Other names that it is found by, as an activation: `logistic` for the sigmoid. What is written is the name.
    const ALIASES: &'static [&'static str] = &[];

    /// The settings of an activation: its fields, all of which are numbers that [`Elementwise::attributes`] gives under
    /// these names.
    const SETTINGS: &'static [Setting] = &[];

    /// What it is, in one sentence, for an activation with settings: the line above them in a run file.
    const ABOUT: &'static str = "";

    /// The op of its derivative, [`Derivative`](crate::pointwise::Derivative), if that is to be one loop (then
    /// [`Elementwise::instances`] or `make` must be written); by default it is the ops of [`Elementwise::pull`].
    const DERIVATIVE: Option<Family> = None;

    /// `y = f(x)`
    fn f<T: Real>(&self, x: T) -> T;

    /// `y = f(x)`, in f64 if it is [`Elementwise::IN_F64`].
    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        if Self::IN_F64 {
            x.narrow(self.f(x.widen()))
        } else {
            self.f(x)
        }
    }

    /// `dy/dx`, from `x` and `y`. To be written where `y` saves computing it again, or where `f` only calls one method of
    /// [`Real`], such as `tanh`; by default `f` on dual numbers.
    #[inline(always)]
    fn df<T: Real>(&self, x: T, y: T) -> T {
        let _ = y;
        self.value(Dual::new(x, x.full_like(1.0))).derivative
    }

    /// `dy/dx · dy`: the cotangent of `x`. To be written only where it takes fewer loops than a product with
    /// [`Elementwise::df`].
    #[inline(always)]
    fn pull<T: Real>(&self, x: T, y: T, dy: T) -> T {
        dy * self.df(x, y)
    }

    /// The same of an i64, if it is defined: `None` for all integers if not. It must not panic; it has no derivative.
    #[inline(always)]
    fn of_integer(x: i64) -> Option<i64> {
        let _ = x;
        None
    }

    /// Its fields; a rule without fields need not write this.
    ///
    /// A rule with fields that does not is refused by the compiler, when a graph uses it:
    /// ```compile_fail
    /// # use rosenblatt_autodiff::{Elementwise, Real, Unary, eval};
    /// #[derive(Clone, Debug)]
    /// struct Scaled(f64);
    ///
    /// impl Elementwise for Scaled {
    ///     const NAME: &'static str = "scaled";
    ///
    ///     fn f<T: Real>(&self, x: T) -> T { x * x.full_like(self.0) }
    ///     fn df<T: Real>(&self, x: T, _y: T) -> T { x.full_like(self.0) }
    /// }
    /// eval(|[x]| x.apply(Unary(Scaled(2.0))), [&1.0.into()])?;
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    /// What it lacks:
    /// ```
    /// # use rosenblatt_autodiff::{Attributes, Elementwise, Real, Unary, eval};
    /// # #[derive(Clone, Debug)]
    /// # struct Scaled(f64);
    /// # impl Elementwise for Scaled {
    /// # const NAME: &'static str = "scaled";
    /// # fn f<T: Real>(&self, x: T) -> T { x * x.full_like(self.0) }
    /// # fn df<T: Real>(&self, x: T, _y: T) -> T { x.full_like(self.0) }
    /// fn attributes(&self) -> Attributes {
    ///     Attributes::new().with("factor", self.0)
    /// }
    /// # }
    /// # eval(|[x]| x.apply(Unary(Scaled(2.0))), [&1.0.into()])?;
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
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

/// The op of an [`Elementwise`] rule.
#[derive(Clone)]
pub struct Unary<E>(pub E);

impl<E: Debug> Debug for Unary<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: Elementwise> Unary<E> {
    /// `dy/dx · dx`, which is the cotangent of `x` if `dx` is that of `y`.
    fn tangent<'g>(&self, x: Var<'g>, y: Var<'g>, dx: Var<'g>) -> Var<'g> {
        match E::DERIVATIVE.map(|family| (family.make)(&self.0.attributes(), &[x.ty(), dx.ty()])) {
            None => self.0.pull(x, y, dx),
            Some(Ok(op)) => x.graph().apply_shared(op, &[x, dx]),
            Some(Err(error)) => y.fail(error),
        }
    }
}

impl<E: Elementwise> Op for Unary<E> {
    fn name(&self) -> &'static str {
        E::NAME
    }

    fn attributes(&self) -> Attributes {
        self.0.attributes()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [only] = x else { return Err(arity(E::NAME, 1, x)) };
        if E::of_integer(0).is_some() {
            same_number(E::NAME, x)?;
        } else {
            same_float(E::NAME, x)?;
        }
        Ok(*only)
    }

    fn lowering(&self) -> Lowering {
        Lowering::Elementwise(Arc::new(self.clone()))
    }

    fn vjp<'g>(&self, _: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        y.dtype().is_float().then(|| self.tangent(x[0], y, dy))
    }

    fn jvp<'g>(&self, x: &[Var<'g>], y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(self.tangent(x[0], y, dx[0]?))
    }
}

struct Map1<'a, E, T>(&'a E, &'a [T], &'a mut [T]);

impl<E: Elementwise, T: Real> Loop for Map1<'_, E, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self(rule, x, y) = self;
        match x {
            [x] => y.fill(rule.value(*x)),
            _ => {
                for (y, &x) in y.iter_mut().zip(x) {
                    *y = rule.value(x);
                }
            }
        }
    }
}

/// As [`Map1`], but the result takes the operand's place.
struct Map1InPlace<'a, E, T>(&'a E, &'a mut [T]);

impl<E: Elementwise, T: Real> Loop for Map1InPlace<'_, E, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for y in self.1 {
            *y = self.0.value(*y);
        }
    }
}

impl<E: Elementwise> OfIntegers for Unary<E> {
    #[inline(always)]
    fn f(x: i64, _: i64) -> i64 {
        E::of_integer(x).unwrap_or_default()
    }
}

impl<E: Elementwise> TileKernel for Unary<E> {
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        match (inputs, output) {
            ([Slice::F32(x)], SliceMut::F32(y)) => isa.run(Map1(&self.0, x, y)),
            ([Slice::F64(x)], SliceMut::F64(y)) => isa.run(Map1(&self.0, x, y)),
            ([Slice::I64(x)], SliceMut::I64(y)) => isa.run(MapIntegers::<Self>::new([x, x], y)),
            other @ (_, any_type!(SliceMut)) => unreachable!("infer lets only numbers through, not {other:?}"),
        }
    }

    fn run_in_place(&self, isa: Isa, _place: usize, _inputs: &[Slice<'_>], output: SliceMut<'_>) -> bool {
        match output {
            SliceMut::F32(y) => isa.run(Map1InPlace(&self.0, y)),
            SliceMut::F64(y) => isa.run(Map1InPlace(&self.0, y)),
            SliceMut::I64(_) => return false,
            other @ (SliceMut::U8(_) | SliceMut::Bool(_)) => {
                unreachable!("infer lets only numbers through, not {other:?}")
            }
        }
        true
    }
}

impl Family {
    /// The registry entry of a function of one number.
    #[must_use]
    pub const fn unary<E: Elementwise>() -> Self {
        Self {
            name: E::NAME,
            make: |attributes, _| Ok(Arc::new(Unary(E::make(attributes)?))),
            oracle: E::ORACLE,
            examples: |rng| {
                let has_integers = E::of_integer(0).is_some();
                let rules = E::instances().into_iter();
                let ops: Vec<Arc<dyn Op>> = rules.map(|rule| Arc::new(Unary(rule)) as _).collect();
                examples(rng, &ops, E::DOMAIN, has_integers)
            },
        }
    }
}

fn examples(rng: &mut Stream, ops: &[Arc<dyn Op>], domain: (f64, f64), has_integers: bool) -> Vec<Example> {
    let shapes: [&[usize]; 5] = [&[], &[0, 2], &[1], &[3, 5], &[2, 1, 17]];
    let mut examples = Vec::new();
    for op in ops {
        for shape in shapes {
            examples.push(Example::of(op, vec![random(rng, shape, domain)]));
        }
        let strided = random(rng, &[4, 3], domain).permute(&[1, 0]);
        examples.extend(strided.ok().map(|x| Example::of(op, vec![x])));
        if has_integers {
            examples.extend(integer_examples(rng, 1, op));
        }
    }
    examples
}
