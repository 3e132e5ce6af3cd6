//! What a primitive reports about itself.

use std::any::Any;
use std::fmt::{self, Debug};
use std::sync::Arc;

use rosenblatt_tensor::machine::{Kernel, TileKernel};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Error, Layout, Result, Shape, Tensor};

use crate::ops::{Convolve, Scan};
use crate::{Attributes, Var};

/// Type of the elements and shape of a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Type {
    /// Type of the elements.
    pub dtype: DType,
    /// Sizes along the axes.
    pub shape: Shape,
}

impl Type {
    /// A type from its parts.
    #[must_use]
    pub fn new(dtype: DType, shape: Shape) -> Self {
        Self { dtype, shape }
    }

    /// The type of a tensor.
    #[must_use]
    pub fn of(tensor: &Tensor) -> Self {
        Self {
            dtype: tensor.dtype(),
            shape: *tensor.shape(),
        }
    }
}

impl Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.dtype, self.shape)
    }
}

/// A primitive: a function of tensors with its derivative.
///
/// Its name and its attributes, which are plain data, say which function it computes: the plan merges two ops of one
/// name, one type and equal [`Op::attributes`] that have the same operands, and an op of [`crate::ops::families`] is made
/// again from them ([`crate::ops::op`]). `reverse`, `forward` and the plan ask an op about itself and never which op it
/// is.
pub trait Op: Any + Debug + Send + Sync {
    /// Its name: file, registry key.
    fn name(&self) -> &'static str;

    /// Everything besides the operands that its result and its derivatives depend on.
    ///
    /// It has no default: an attribute left out would make the plan merge ops that differ.
    fn attributes(&self) -> Attributes;

    /// Type of the result (of the first, if there are several); the only place where operands are checked.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if the operands do not fit.
    fn infer(&self, x: &[Type]) -> Result<Type>;

    /// How many results it has.
    fn results(&self) -> usize {
        1
    }

    /// Types of all results.
    ///
    /// # Errors
    /// As [`Op::infer`].
    fn infer_all(&self, x: &[Type]) -> Result<Vec<Type>> {
        self.infer(x).map(one)
    }

    /// How it is computed.
    fn lowering(&self) -> Lowering;

    /// The cotangent of operand `i` from the cotangent `dy` of the result; `None` where it is zero by definition
    /// (integers, `stop_gradient`).
    ///
    /// It may have the shape of the result where operand `i` was broadcast; `reverse` sums it back. An op without a rule
    /// (this one and [`Op::vjp_all`]) refuses to be differentiated.
    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        let _ = (i, x, dy);
        Some(y.fail(no_rule(self.name())))
    }

    /// The cotangents of the operands that are `wanted`, from those of all results (`None` is zero).
    ///
    /// To be written instead of [`Op::vjp`] by ops with several results.
    fn vjp_all<'g>(
        &self,
        wanted: &[bool],
        x: &[Var<'g>],
        y: &[Var<'g>],
        dy: &[Option<Var<'g>>],
    ) -> Vec<Option<Var<'g>>> {
        one_by_one(wanted, &|i| self.vjp(i, x, y[0], dy[0]?))
    }

    /// The tangent of the result from those of the operands (`None` is zero).
    ///
    /// It may have the shape before broadcasting; `forward` stretches it. An op without a rule refuses to be
    /// differentiated.
    fn jvp<'g>(&self, x: &[Var<'g>], y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        let _ = (x, dx);
        Some(y.fail(no_rule(self.name())))
    }

    /// The tangents of all results; to be written instead of [`Op::jvp`] by ops with several.
    fn jvp_all<'g>(&self, x: &[Var<'g>], y: &[Var<'g>], dx: &[Option<Var<'g>>]) -> Vec<Option<Var<'g>>> {
        one(self.jvp(x, y[0], dx))
    }

    /// `Σₜ op(x₀[t], x₁[t], …)`, from operands that were given a leading axis `t`: for ops that take such a sum in one
    /// pass, which saves [`Graph::scan`](crate::Graph::scan) a running sum.
    fn sum_over_steps<'g>(&self, x: &[Var<'g>]) -> Option<Var<'g>> {
        let _ = x;
        None
    }

    /// The op on every part along a new first axis of its operands, where that is an op of the same kind.
    fn on_each_step<'g>(&self, x: &[Var<'g>]) -> Option<Var<'g>> {
        let _ = x;
        None
    }

    /// For [`Lowering::View`]: the layout of the result in the operand's memory, or `None` if it needs the operand
    /// without gaps.
    ///
    /// # Errors
    /// The operand does not fit.
    fn view(&self, x: &Layout) -> Result<Option<Layout>> {
        let _ = x;
        Err(Error::internal(format!("{} is not a view", self.name())))
    }

    /// For an op of one operand whose cotangent is that of the result, at a place among zeros: the axis, and the index
    /// where it starts. `reverse` joins many such parts of one operand at once, instead of adding up what [`Op::vjp`]
    /// makes of each.
    fn part(&self) -> Option<(usize, usize)> {
        None
    }

    /// Whether the result counts as constant for derivatives although it is computed from numbers that have some.
    fn stops_gradient(&self) -> bool {
        false
    }

    /// Whether results that are not finite stop a training run, and what they are called there.
    fn check_finite(&self) -> Option<&str> {
        None
    }
}

/// How an op is computed, and so what the plan may do with it.
#[derive(Clone)]
pub enum Lowering {
    /// Element by element, operands broadcast: may be fused with its neighbors.
    Elementwise(Arc<dyn TileKernel>),
    /// The operand's memory under another layout.
    View,
    /// `[batch…, m, k] · [batch…, k, n]`.
    Product,
    /// The product of weights with the windows of images.
    Convolution(Convolve),
    /// Sum over all axes but the last: `[k…, n] → [n]` (kept axes of size 1 allowed).
    ColumnSum,
    /// A loop of its own over operands without gaps, which may be shared among threads along the first axis of its
    /// result.
    Kernel(Arc<dyn Kernel>),
    /// The same nodes for each step of a sequence.
    Scan(Scan),
}

/// Makes an op from its attributes, for operands of some types.
///
/// # Errors
/// An attribute is missing or of another kind. Whether values fit the operands is for [`Op::infer`] to say.
pub type Make = fn(&Attributes, &[Type]) -> Result<Arc<dyn Op>>;

/// A family of ops with one name: an entry of the registry.
#[derive(Clone, Copy)]
pub struct Family {
    /// The name of every op of the family.
    pub name: &'static str,
    /// The op with these attributes, for operands of these types; [`crate::ops::op`] is how to call it.
    pub make: Make,
    /// What its values and gradients are compared with.
    pub oracle: Oracle,
    /// Ops with operands, f64, for the laws every op obeys; shapes with 0 and 1, broadcasting, one operand twice.
    pub examples: fn(&mut Stream) -> Vec<Example>,
}

/// What an entry's tests use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oracle {
    /// `fixtures/ops.json`, made with PyTorch in f64.
    PyTorch,
    /// Every case is checked against the definition in the test itself.
    Exhaustive,
}

/// An op with operands.
pub struct Example {
    /// The op.
    pub op: Arc<dyn Op>,
    /// Its operands.
    pub inputs: Vec<Tensor>,
}

impl Example {
    /// An example.
    pub fn new(op: impl Op, inputs: impl Into<Vec<Tensor>>) -> Self {
        Self::of(&(Arc::new(op) as _), inputs.into())
    }

    /// An example of an op that has others.
    #[must_use]
    pub fn of(op: &Arc<dyn Op>, inputs: Vec<Tensor>) -> Self {
        Self {
            op: Arc::clone(op),
            inputs,
        }
    }
}

fn one<T>(only: T) -> Vec<T> {
    vec![only]
}

fn one_by_one<'g>(wanted: &[bool], vjp: &dyn Fn(usize) -> Option<Var<'g>>) -> Vec<Option<Var<'g>>> {
    let of = |(i, &wanted): (usize, &bool)| if wanted { vjp(i) } else { None };
    wanted.iter().enumerate().map(of).collect()
}

fn no_rule(name: &str) -> Error {
    Error::unsupported(format!("`{name}` has no rule for this derivative"))
}

/// The type that operands of a floating-point op share.
///
/// # Errors
/// They differ, or are not floating point.
pub fn same_float(name: &str, x: &[Type]) -> Result<DType> {
    let first = x.first().map_or(DType::F32, |x| x.dtype);
    if !first.is_float() || x.iter().any(|x| x.dtype != first) {
        return Err(Error::shape(format!("expected operands of one floating-point type, got {x:?}")).within(name));
    }
    Ok(first)
}

/// The type that operands of an op of floating-point numbers or i64 share.
///
/// # Errors
/// They differ, or are of another type.
pub fn same_number(name: &str, x: &[Type]) -> Result<DType> {
    let first = x.first().map_or(DType::F32, |x| x.dtype);
    if !(first.is_float() || first == DType::I64) || x.iter().any(|x| x.dtype != first) {
        let message = format!("expected operands of one type, floating-point or i64, got {x:?}");
        return Err(Error::shape(message).within(name));
    }
    Ok(first)
}

/// The rules of an op whose result does not depend on its operands smoothly: derivatives are zero by definition.
macro_rules! no_gradient {
    () => {
        fn vjp<'g>(&self, _: usize, _: &[Var<'g>], _: Var<'g>, _: Var<'g>) -> Option<Var<'g>> {
            None
        }

        fn jvp<'g>(&self, _: &[Var<'g>], _: Var<'g>, _: &[Option<Var<'g>>]) -> Option<Var<'g>> {
            None
        }
    };
}
pub(crate) use no_gradient;
