//! Handles into a graph, and operators between values, and between values and numbers.
//!
//! Every other method of [`Var`] is in the file of its op (`ops/`), activation (`pointwise/`), composition
//! (`functions/`) or transformation (`transform/`).

use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::panic::Location;

use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor};

use crate::graph::{ANY, Node};
use crate::ops::{Add as AddOp, Div as DivOp, Mul as MulOp, Neg as NegOp, Sub as SubOp};
use crate::{Binary, Graph, NodeId, Op, Origin, Type, Unary};

/// A value in a graph: a handle, cheap to copy.
///
/// Methods return `Var`. If operands do not fit, the result is dead: [`Var::value`] of it, and of what depends on it,
/// returns the error with the caller's place; so does `compile` ([`Graph::error`]).
#[derive(Clone, Copy)]
pub struct Var<'g> {
    pub(crate) graph: &'g Graph,
    pub(crate) id: NodeId,
}

impl<'g> Var<'g> {
    /// Its graph.
    #[must_use]
    pub fn graph(self) -> &'g Graph {
        self.graph
    }

    /// Its number in the graph.
    #[must_use]
    pub fn id(self) -> NodeId {
        self.id
    }

    /// Type of elements and shape; of a freed value `f32 []`, and a mistake of the graph.
    #[must_use]
    #[track_caller]
    pub fn ty(self) -> Type {
        self.graph.ty(self.id).unwrap_or_else(self.freed(ANY))
    }

    /// Sizes along the axes.
    #[must_use]
    #[track_caller]
    pub fn shape(self) -> Shape {
        self.ty().shape
    }

    /// Type of the elements.
    #[must_use]
    #[track_caller]
    pub fn dtype(self) -> DType {
        self.ty().dtype
    }

    /// Number of axes.
    #[must_use]
    #[track_caller]
    pub fn rank(self) -> usize {
        self.shape().rank()
    }

    /// The size along `axis` (`-1` is the last one); 0, and a mistake of the graph, if there is no such axis.
    #[must_use]
    #[track_caller]
    pub fn size(self, axis: isize) -> usize {
        match self.shape().axis(axis) {
            Ok(axis) => self.shape()[axis],
            Err(error) => {
                self.fail(error.within("size"));
                0
            }
        }
    }

    /// The value, in a dynamic graph (or of a constant).
    ///
    /// # Errors
    /// The mistake it depends on; [`rosenblatt_tensor::ErrorKind::Config`] if the graph is static, or if the value was
    /// freed when its scope ended.
    #[track_caller]
    pub fn value(self) -> Result<Tensor> {
        let place = Location::caller();
        self.graph
            .look(self.id, Node::value)
            .unwrap_or_else(|freed| Err(self.graph.placed(freed, place)))
    }

    /// Why it has no value and never will: the mistake it depends on, or that it was freed.
    #[must_use]
    #[track_caller]
    pub fn error(self) -> Option<Error> {
        let place = Location::caller();
        self.graph
            .look(self.id, |node| node.error.clone())
            .unwrap_or_else(|freed| Some(self.graph.placed(freed, place)))
    }

    /// Where the value comes from; of a freed value a constant, and a mistake of the graph.
    #[must_use]
    #[track_caller]
    pub fn origin(self) -> Origin {
        let origin = self.graph.look(self.id, |node| node.origin.clone());
        origin.unwrap_or_else(self.freed(Origin::Constant(Tensor::scalar(0.0f32))))
    }

    /// Records the mistake, and returns what stands for the answer.
    #[track_caller]
    fn freed<R>(self, stand_in: R) -> impl FnOnce(Error) -> R {
        let place = Location::caller();
        move |freed| {
            self.graph.record(freed, place);
            stand_in
        }
    }

    /// A number as a value of the same type as this one.
    #[must_use]
    #[track_caller]
    pub fn full_like(self, value: f64) -> Self {
        self.graph.constant(Tensor::scalar_of(self.dtype(), value))
    }

    /// Applies an op to this value, for example one of one's own: an [`crate::Elementwise`] rule in [`crate::Unary`].
    #[track_caller]
    pub fn apply(self, op: impl Op) -> Self {
        self.graph.apply(op, &[self])
    }

    /// Applies an op to this value and another.
    #[track_caller]
    pub(crate) fn apply2(self, op: impl Op, other: Self) -> Self {
        self.graph.apply(op, &[self, other])
    }

    /// A dead value with this mistake, or with the one this value depends on: for rules that no op checks.
    #[track_caller]
    pub fn fail(self, error: Error) -> Self {
        let place = Location::caller();
        let (ty, error) = match self.graph.look(self.id, |node| (node.ty, node.error.is_some())) {
            Ok((_, true)) => return self,
            Ok((ty, false)) => (ty, error),
            Err(freed) => (ANY, freed),
        };
        self.graph.dead(self.graph.record(error, place), ty)
    }
}

impl fmt::Debug for Var<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(node) = self.graph.look(self.id, Node::clone) else {
            return write!(f, "%{} = freed", self.id);
        };
        match &node.origin {
            Origin::Input(name) => write!(f, "%{} = input {name:?}", self.id)?,
            Origin::Variable(name) => write!(f, "%{} = variable {name:?}", self.id)?,
            Origin::Constant(_) if node.error.is_some() => write!(f, "%{} = dead", self.id)?,
            Origin::Constant(value) => write!(f, "%{} = {value:?}", self.id)?,
            Origin::Op(op) => write!(f, "%{} = {op:?} {:?}", self.id, node.inputs)?,
            Origin::Result(i) => write!(f, "%{} = result {i} of {:?}", self.id, node.inputs)?,
            Origin::Step => write!(f, "%{} = value of a step", self.id)?,
        }
        write!(f, ": {:?}", node.ty)
    }
}

macro_rules! operators {
    ($($operator:ident $method:ident $op:ident),*) => {$(
        impl<'g> $operator for Var<'g> {
            type Output = Var<'g>;
            #[track_caller]
            fn $method(self, other: Var<'g>) -> Var<'g> {
                self.apply2(Binary($op), other)
            }
        }

        impl<'g> $operator<f64> for Var<'g> {
            type Output = Var<'g>;
            #[track_caller]
            fn $method(self, other: f64) -> Var<'g> {
                let other = self.full_like(other);
                self.apply2(Binary($op), other)
            }
        }

        impl<'g> $operator<Var<'g>> for f64 {
            type Output = Var<'g>;
            #[track_caller]
            fn $method(self, other: Var<'g>) -> Var<'g> {
                other.full_like(self).apply2(Binary($op), other)
            }
        }
    )*};
}
operators!(Add add AddOp, Sub sub SubOp, Mul mul MulOp, Div div DivOp);

impl<'g> Neg for Var<'g> {
    type Output = Var<'g>;
    #[track_caller]
    fn neg(self) -> Var<'g> {
        self.apply(Unary(NegOp))
    }
}
