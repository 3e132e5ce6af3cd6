//! Graphs and the handles into them.

use std::cell::RefCell;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor};

use crate::dynamic::Engine;
use crate::execution::Execution;
use crate::op::{Op, Type};

/// Number of a node in its graph; inputs have smaller numbers than what uses them.
pub type NodeId = usize;

/// Values and the operations between them.
///
/// A graph is *dynamic* (each node is computed as it is made; control flow is Rust's) or *static* (nodes are only
/// recorded, to be compiled by [`crate::plan`]). Nodes are never changed.
pub struct Graph {
    inner: RefCell<Inner>,
}

struct Inner {
    nodes: Vec<Node>,
    /// Computes nodes as they are made; `None` in a static graph.
    engine: Option<Engine>,
    /// The first mistake; later nodes depend on it, so it is kept until somebody asks for a value.
    error: Option<Error>,
    /// Set while derivatives of the given order are taken apart: names of watched values that were not finite.
    not_finite: Vec<String>,
}

/// A node as the plan and `reverse` see it.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) origin: Origin,
    pub(crate) inputs: Vec<NodeId>,
    pub(crate) ty: Type,
    value: Option<Tensor>,
}

/// Where a node's value comes from.
#[derive(Clone)]
pub enum Origin {
    /// Given anew for each run of a plan.
    Input(String),
    /// Kept from run to run: a parameter, a buffer, optimiser state.
    Variable(String),
    /// Known when the graph is built.
    Constant(Tensor),
    /// Computed.
    Op(Arc<dyn Op>),
}

/// A value in a graph: a handle, cheap to copy.
///
/// Methods return `Var`; the first mistake (shapes that do not fit) is kept in the graph, with the caller's place, and
/// returned by [`Var::value`], `gradients` or `compile`.
#[derive(Clone, Copy)]
pub struct Var<'g> {
    graph: &'g Graph,
    id: NodeId,
}

impl Graph {
    /// A graph that computes each node as it is made, on one thread.
    #[must_use]
    pub fn dynamic() -> Self {
        Self::with(Some(Engine::single()))
    }

    /// A graph that computes each node as it is made, on the engine's threads.
    #[must_use]
    pub fn dynamic_on(engine: Engine) -> Self {
        Self::with(Some(engine))
    }

    /// A graph that is computed as it is built ([`Execution::Dynamic`], on one thread), or only recorded to be compiled
    /// ([`Execution::Static`]).
    #[must_use]
    pub fn new(execution: Execution) -> Self {
        match execution {
            Execution::Static => Self::with(None),
            Execution::Dynamic => Self::dynamic(),
        }
    }

    fn with(engine: Option<Engine>) -> Self {
        Self {
            inner: RefCell::new(Inner {
                nodes: Vec::new(),
                engine,
                error: None,
                not_finite: Vec::new(),
            }),
        }
    }

    /// Gives back the engine of a dynamic graph, to be used for the next one.
    #[must_use]
    pub fn into_engine(self) -> Option<Engine> {
        self.inner.into_inner().engine
    }

    /// Whether nodes are computed as they are made.
    #[must_use]
    pub fn is_dynamic(&self) -> bool {
        self.inner.borrow().engine.is_some()
    }

    /// A known value: something to differentiate with respect to, or a constant.
    pub fn constant(&self, value: Tensor) -> Var<'_> {
        self.push(
            Origin::Constant(value.clone()),
            Vec::new(),
            Type::of(&value),
            Some(value),
        )
    }

    /// A value given for each run of a plan.
    pub fn input(&self, name: impl Into<String>, dtype: DType, shape: Shape) -> Var<'_> {
        self.push(Origin::Input(name.into()), Vec::new(), Type::new(dtype, shape), None)
    }

    /// A value kept from run to run of a plan.
    pub fn variable(&self, name: impl Into<String>, dtype: DType, shape: Shape) -> Var<'_> {
        self.push(Origin::Variable(name.into()), Vec::new(), Type::new(dtype, shape), None)
    }

    /// The handle of a node, for those who kept its number.
    ///
    /// # Errors
    /// No such node.
    pub fn var(&self, id: NodeId) -> Result<Var<'_>> {
        if id >= self.inner.borrow().nodes.len() {
            return Err(Error::internal(format!("node {id} does not exist")));
        }
        Ok(Var { graph: self, id })
    }

    /// Number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.borrow().nodes.len()
    }

    /// Whether nothing was recorded yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first mistake made in this graph, if any.
    #[must_use]
    pub fn error(&self) -> Option<Error> {
        self.inner.borrow().error.clone()
    }

    /// Names of watched values that were not finite when a dynamic graph computed them.
    #[must_use]
    pub fn not_finite(&self) -> Vec<String> {
        self.inner.borrow().not_finite.clone()
    }

    /// Applies an op.
    #[track_caller]
    pub fn apply<'g>(&'g self, op: impl Op, inputs: &[Var<'g>]) -> Var<'g> {
        self.apply_shared(Arc::new(op), inputs)
    }

    /// Applies an op that exists already.
    #[track_caller]
    pub fn apply_shared<'g>(&'g self, op: Arc<dyn Op>, inputs: &[Var<'g>]) -> Var<'g> {
        let place = Location::caller();
        if inputs.iter().any(|x| !std::ptr::eq(x.graph, self)) {
            self.fail(Error::internal("operands of one op come from different graphs"), place);
        }
        let ids: Vec<NodeId> = inputs.iter().map(|x| x.id).collect();
        match self.compute(op.as_ref(), &ids) {
            Ok((ty, value)) => self.push(Origin::Op(op), ids, ty, value),
            Err(error) => {
                self.fail(error, place);
                // A stand-in, so that building may go on; whoever asks for a value gets the error.
                self.push(Origin::Op(op), ids, Type::new(DType::F32, Shape::SCALAR), None)
            }
        }
    }

    fn compute(&self, op: &dyn Op, ids: &[NodeId]) -> Result<(Type, Option<Tensor>)> {
        let mut inner = self.inner.borrow_mut();
        if let Some(error) = &inner.error {
            return Err(error.clone());
        }
        let types: Vec<Type> = ids.iter().map(|&id| inner.nodes[id].ty).collect();
        let ty = op.infer(&types)?;
        let Some(mut engine) = inner.engine.take() else {
            return Ok((ty, None));
        };
        let values: Vec<Tensor> = ids.iter().filter_map(|&id| inner.nodes[id].value.clone()).collect();
        let value = engine.compute(op, &values, ty);
        inner.engine = Some(engine);
        let value = value.map_err(|error| error.within(op.name()))?;
        if let Some(name) = op.check_finite()
            && value.to_f64().iter().any(|x| !x.is_finite())
        {
            inner.not_finite.push(name.to_string());
        }
        Ok((ty, Some(value)))
    }

    fn fail(&self, error: Error, place: &Location<'_>) {
        let mut inner = self.inner.borrow_mut();
        if inner.error.is_none() {
            inner.error = Some(error.within(format!("{}:{}", place.file(), place.line())));
        }
    }

    fn push(&self, origin: Origin, inputs: Vec<NodeId>, ty: Type, value: Option<Tensor>) -> Var<'_> {
        let mut inner = self.inner.borrow_mut();
        inner.nodes.push(Node {
            origin,
            inputs,
            ty,
            value,
        });
        Var {
            graph: self,
            id: inner.nodes.len() - 1,
        }
    }

    /// A copy of a node's description.
    pub(crate) fn node(&self, id: NodeId) -> Node {
        self.inner.borrow().nodes[id].clone()
    }
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

    /// Type of elements and shape.
    #[must_use]
    pub fn ty(self) -> Type {
        self.graph.inner.borrow().nodes[self.id].ty
    }

    /// Sizes along the axes.
    #[must_use]
    pub fn shape(self) -> Shape {
        self.ty().shape
    }

    /// Type of the elements.
    #[must_use]
    pub fn dtype(self) -> DType {
        self.ty().dtype
    }

    /// The value, in a dynamic graph (or of a leaf).
    ///
    /// # Errors
    /// The first mistake made in the graph, or the graph is symbolic.
    pub fn value(self) -> Result<Tensor> {
        let inner = self.graph.inner.borrow();
        if let Some(error) = &inner.error {
            return Err(error.clone());
        }
        let value = inner.nodes[self.id].value.clone();
        value.ok_or_else(|| Error::internal("a static graph has no values: compile it, or use a dynamic one"))
    }

    /// Where the value comes from.
    #[must_use]
    pub fn origin(self) -> Origin {
        self.graph.node(self.id).origin
    }

    /// A number as a value of the same type as this one.
    #[must_use]
    pub fn full_like(self, value: f64) -> Self {
        self.graph.constant(Tensor::scalar_of(self.dtype(), value))
    }

    /// Applies an op to this value.
    #[track_caller]
    pub(crate) fn apply(self, op: impl Op) -> Self {
        self.graph.apply(op, &[self])
    }

    /// Applies an op to this value and another.
    #[track_caller]
    pub(crate) fn apply2(self, op: impl Op, other: Self) -> Self {
        self.graph.apply(op, &[self, other])
    }

    /// Records a mistake, which [`Var::value`] returns: for rules that an op does not check.
    #[track_caller]
    pub fn fail(self, error: Error) -> Self {
        self.graph.fail(error, Location::caller());
        self
    }
}

impl fmt::Debug for Var<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let node = self.graph.node(self.id);
        match &node.origin {
            Origin::Input(name) => write!(f, "%{} = input {name:?}", self.id)?,
            Origin::Variable(name) => write!(f, "%{} = state {name:?}", self.id)?,
            Origin::Constant(value) => write!(f, "%{} = {value:?}", self.id)?,
            Origin::Op(op) => write!(f, "%{} = {op:?} {:?}", self.id, node.inputs)?,
        }
        write!(f, ": {:?}", node.ty)
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.len()).try_for_each(|id| writeln!(f, "{:?}", Var { graph: self, id }))
    }
}
