//! Graphs: nodes, and the mistakes made while they were put together.
//!
//! A node is never changed. One that could not be made (its operands do not fit, or one of them could not be made
//! itself) is *dead*: it holds the error instead of a value, and so does whatever depends on it. The rest of the graph
//! goes on. The first mistake is kept for [`Graph::error`] and `compile`; [`Graph::take_error`] clears it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor};

use crate::dynamic::Engine;
use crate::execution::Execution;
use crate::nodes::{Nodes, Table};
use crate::op::{Op, Type};
use crate::rule::FusedRule;
use crate::var::Var;

/// Number of a node in its graph; inputs have smaller numbers than what uses them. No number is used twice.
pub type NodeId = usize;

/// Values and the operations between them.
///
/// A graph is *dynamic* (each node is computed as it is made; control flow is Rust's) or *static* (nodes are only
/// recorded, to be compiled by [`crate::plan`]). Nodes are never changed.
///
/// A graph may move to another thread, and threads may share one behind a `Mutex`.
///
/// # Example
/// After a mistake the values that do not depend on it are still there, and the graph can be used:
/// ```
/// use rosenblatt_autodiff::Graph;
/// let graph = Graph::dynamic();
/// let (a, b) = (graph.constant([2.0, 3.0].into()), graph.constant([1.0, 1.0, 1.0].into()));
/// assert!((a + b).value().is_err());
/// assert!(graph.take_error().is_some_and(|error| error.to_string().contains("do not broadcast")));
/// assert_eq!((a * a).value()?.to_f64(), [4.0, 9.0]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub struct Graph {
    inner: RefCell<Inner>,
}

struct Inner {
    nodes: Nodes,
    /// Computes nodes as they are made; `None` in a static graph.
    engine: Option<Engine>,
    /// The first mistake since the last [`Graph::take_error`].
    error: Option<Error>,
    /// Names of checked values that were not finite.
    not_finite: Vec<String>,
    /// Where each input and variable was made.
    named: BTreeMap<String, Place>,
    /// Whose mistakes they are while derivatives are taken: the caller's, not those of an op's rule.
    on_behalf_of: Option<Place>,
    /// What a plan may compute in one loop; none in a dynamic graph.
    rules: Vec<FusedRule>,
}

/// The type of a value that has none: it was freed, or an op without operands could not be applied.
pub(crate) const ANY: Type = Type {
    dtype: DType::F32,
    shape: Shape::SCALAR,
};

/// The engine of a graph while that computes nothing; given back also if a panic ends that, and the caller goes on.
struct Lent<'a>(&'a RefCell<Inner>, Option<Engine>);

impl<'a> From<&'a RefCell<Inner>> for Lent<'a> {
    fn from(graph: &'a RefCell<Inner>) -> Self {
        let engine = graph.borrow_mut().engine.take();
        Self(graph, engine)
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().engine = self.1.take();
    }
}

/// A place in the caller's source.
pub(crate) type Place = &'static Location<'static>;

/// A node as the plan and `reverse` see it.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) origin: Origin,
    /// What it was computed from. A constant has some if what it was computed from was freed: see [`Nodes::free`].
    pub(crate) inputs: Vec<NodeId>,
    pub(crate) ty: Type,
    value: Option<Tensor>,
    /// Why there is no value: this node, or one it depends on, is a mistake.
    pub(crate) error: Option<Error>,
}

impl Node {
    /// # Errors
    /// It is dead, or its value is not known before a plan runs.
    pub(crate) fn value(&self) -> Result<Tensor> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        self.value.clone().ok_or_else(|| {
            let what = match &self.origin {
                Origin::Input(name) => format!("input `{name}` has no value before a plan runs"),
                Origin::Variable(name) => format!("variable `{name}` has no value before a plan runs"),
                Origin::Step => "it stands for the values of all steps of a `scan`".to_string(),
                Origin::Constant(_) | Origin::Op(_) | Origin::Result(_) => {
                    "a static graph has no values, nor has a step of a `scan`".to_string()
                }
            };
            Error::config(what).hint("compile the graph (`Plan::compile`), or use `Graph::dynamic` and `constant`")
        })
    }
}

/// Operands that do not belong together.
pub(crate) fn other_graph() -> Error {
    Error::config("values of two graphs cannot be used together").hint("make all of them on one graph")
}

/// Where a node's value comes from.
#[derive(Clone)]
pub enum Origin {
    /// Given anew for each run of a plan.
    Input(String),
    /// Kept from run to run: a parameter, a buffer, optimizer state.
    Variable(String),
    /// Known when the graph is built, or computed from what was freed when its scope ended.
    Constant(Tensor),
    /// Computed: the first result of an op.
    Op(Arc<dyn Op>),
    /// A further result, by its number from 1, of the op whose node is the only input.
    Result(usize),
    /// Stands for the value of every step while [`Graph::scan`] records one.
    Step,
}

impl Origin {
    /// The op, if the node is its first result.
    #[must_use]
    pub fn op(&self) -> Option<&Arc<dyn Op>> {
        if let Self::Op(op) = self { Some(op) } else { None }
    }

    /// The number of a further result of an op.
    pub(crate) fn result(&self) -> Option<usize> {
        if let Self::Result(i) = self { Some(*i) } else { None }
    }
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
                nodes: Nodes::default(),
                engine,
                error: None,
                not_finite: Vec::new(),
                named: BTreeMap::new(),
                on_behalf_of: None,
                rules: Vec::new(),
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
    ///
    /// A second input of the same name is a mistake: plans find inputs by name.
    #[track_caller]
    pub fn input(&self, name: impl Into<String>, dtype: DType, shape: Shape) -> Var<'_> {
        let name = name.into();
        self.named("input", &name, Type::new(dtype, shape), Origin::Input(name.clone()))
    }

    /// A value kept from run to run of a plan.
    ///
    /// A second variable of the same name is a mistake: use the first `Var` again.
    #[track_caller]
    pub fn variable(&self, name: impl Into<String>, dtype: DType, shape: Shape) -> Var<'_> {
        let name = name.into();
        self.named(
            "variable",
            &name,
            Type::new(dtype, shape),
            Origin::Variable(name.clone()),
        )
    }

    #[track_caller]
    fn named(&self, what: &str, name: &str, ty: Type, origin: Origin) -> Var<'_> {
        let (place, key) = (Location::caller(), named(what, name));
        let known = self.inner.borrow().named.get(&key).copied();
        let Some(first) = known else {
            self.inner.borrow_mut().named.insert(key, place);
            return self.push(origin, Vec::new(), ty, None);
        };
        let message = format!("{key} exists already, made at {}:{}", first.file(), first.line());
        let hint = format!("give each {what} its own name, or use the first one again");
        self.dead(self.record(Error::config(message).hint(hint), place), ty)
    }

    /// The handle of a node, for those who kept its number.
    ///
    /// # Errors
    /// No such node, or it was freed.
    pub fn var(&self, id: NodeId) -> Result<Var<'_>> {
        self.look(id, |_| Var { graph: self, id })
    }

    /// Number of nodes, without those that were freed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.borrow().nodes.len()
    }

    /// Whether nothing was recorded yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first mistake made in this graph since the last [`Graph::take_error`], if any.
    #[must_use]
    pub fn error(&self) -> Option<Error> {
        self.inner.borrow().error.clone()
    }

    /// Returns and clears the first mistake, so that the graph can be used further.
    ///
    /// Values that depend on the mistake stay dead.
    pub fn take_error(&self) -> Option<Error> {
        self.inner.borrow_mut().error.take()
    }

    /// Names of checked values that were not finite when a dynamic graph computed them, each once.
    #[must_use]
    pub fn not_finite(&self) -> Vec<String> {
        self.inner.borrow().not_finite.clone()
    }

    /// Applies an op.
    #[track_caller]
    pub fn apply<'g>(&'g self, op: impl Op, inputs: &[Var<'g>]) -> Var<'g> {
        self.apply_shared(Arc::new(op), inputs)
    }

    /// Applies an op that exists already; of several results it returns the first.
    #[track_caller]
    pub fn apply_shared<'g>(&'g self, op: Arc<dyn Op>, inputs: &[Var<'g>]) -> Var<'g> {
        let place = Location::caller();
        // The type of a dead result: code that goes on reading sizes should find some.
        let stand_in = inputs.first().map_or(ANY, |x| x.graph.ty(x.id).unwrap_or(ANY));
        if let Some(error) = inputs.iter().find_map(|x| x.graph.mistake(x.id, place)) {
            return self.dead(error, stand_in);
        }
        if inputs.iter().any(|x| !std::ptr::eq(x.graph, self)) {
            return self.dead(self.record(other_graph().within(op.name()), place), stand_in);
        }
        let ids: Vec<NodeId> = inputs.iter().map(|x| x.id).collect();
        match self.compute(op.as_ref(), &ids) {
            Ok((types, values)) => self.results(op, ids, &types, values),
            Err(error) => self.dead(self.record(error, place), stand_in),
        }
    }

    /// Applies an op and returns all its results.
    #[track_caller]
    pub fn apply_all<'g>(&'g self, op: Arc<dyn Op>, inputs: &[Var<'g>]) -> Vec<Var<'g>> {
        let results = op.results();
        let first = self.apply_shared(op, inputs);
        match first.error() {
            Some(_) => vec![first; results],
            None => self.results_of(first),
        }
    }

    /// All results of the op that made a node, which is the first of them.
    pub(crate) fn results_of<'g>(&'g self, first: Var<'g>) -> Vec<Var<'g>> {
        let count = self.look(first.id, |node| node.origin.op().map_or(1, |op| op.results()));
        let count = count.unwrap_or(1);
        // They were made one after the other.
        (first.id..first.id + count).map(|id| Var { graph: self, id }).collect()
    }

    /// Nodes for all results of an op, one after the other; returns the first.
    fn results(&self, op: Arc<dyn Op>, ids: Vec<NodeId>, types: &[Type], values: Option<Vec<Tensor>>) -> Var<'_> {
        let mut values = values.into_iter().flatten();
        let first = self.push(Origin::Op(op), ids, types[0], values.next());
        for (i, &ty) in types.iter().enumerate().skip(1) {
            self.push(Origin::Result(i), vec![first.id], ty, values.next());
        }
        first
    }

    /// Types of all results, and their values unless the graph is static.
    fn compute(&self, op: &dyn Op, ids: &[NodeId]) -> Result<(Vec<Type>, Option<Vec<Tensor>>)> {
        let mut inner = self.inner.borrow_mut();
        let types: Vec<Type> = ids
            .iter()
            .map(|&id| Ok(inner.nodes.get(id)?.ty))
            .collect::<Result<_>>()?;
        let types = op.infer_all(&types)?;
        let Some(mut engine) = inner.engine.take() else {
            return Ok((types, None));
        };
        let values: Result<Vec<Tensor>> = ids.iter().map(|&id| inner.nodes.get(id)?.value()).collect();
        let values = values.and_then(|values| engine.compute(op, &values, &types, &mut inner.not_finite));
        inner.engine = Some(engine);
        Ok((types, Some(values.map_err(|error| error.within(op.name()))?)))
    }

    /// Nodes made by `record` are not computed: they describe what is done later, for other values.
    pub(crate) fn recording<R>(&self, record: impl FnOnce() -> R) -> R {
        let _lent = Lent::from(&self.inner);
        record()
    }

    /// A node that stands for the value of every step of a scan.
    pub(crate) fn step_value(&self, ty: Type) -> Var<'_> {
        self.push(Origin::Step, Vec::new(), ty, None)
    }

    /// Keeps a mistake, if it is the first, and returns it with its place.
    pub(crate) fn record(&self, error: Error, place: Place) -> Error {
        let error = self.placed(error, place);
        self.inner.borrow_mut().error.get_or_insert_with(|| error.clone());
        error
    }

    /// A mistake with its place.
    pub(crate) fn placed(&self, error: Error, place: Place) -> Error {
        let place = self.inner.borrow().on_behalf_of.unwrap_or(place);
        error.within(format!("{}:{}", place.file(), place.line()))
    }

    /// Why a node cannot be used: the mistake it depends on; or it was freed, and using it is a mistake of its own.
    pub(crate) fn mistake(&self, id: NodeId, place: Place) -> Option<Error> {
        self.look(id, |node| node.error.clone())
            .unwrap_or_else(|freed| Some(self.record(freed, place)))
    }

    /// A node that has an error instead of a value.
    pub(crate) fn dead(&self, error: Error, ty: Type) -> Var<'_> {
        self.add(Node {
            origin: Origin::Constant(Tensor::scalar_of(ty.dtype, 0.0)),
            inputs: Vec::new(),
            ty,
            value: None,
            error: Some(error),
        })
    }

    /// Runs `sweep`; the mistakes in it are `place`'s.
    pub(crate) fn on_behalf_of<R>(&self, place: Place, sweep: impl FnOnce() -> R) -> R {
        let before = self.set_caller(|before| before.or(Some(place)));
        let result = sweep();
        self.set_caller(|_| before);
        result
    }

    /// Changes whose mistakes those to come are; returns whose they were.
    fn set_caller(&self, whose: impl FnOnce(Option<Place>) -> Option<Place>) -> Option<Place> {
        let mut inner = self.inner.borrow_mut();
        let before = inner.on_behalf_of;
        inner.on_behalf_of = whose(before);
        before
    }

    fn push(&self, origin: Origin, inputs: Vec<NodeId>, ty: Type, value: Option<Tensor>) -> Var<'_> {
        self.add(Node {
            origin,
            inputs,
            ty,
            value,
            error: None,
        })
    }

    fn add(&self, node: Node) -> Var<'_> {
        let id = self.inner.borrow_mut().nodes.push(node);
        Var { graph: self, id }
    }

    /// Frees nodes, none of them before `first`, and their names: see [`Nodes::free`].
    pub(crate) fn free(&self, first: NodeId, is_freed: &dyn Fn(NodeId) -> bool) {
        let freed = self.inner.borrow_mut().nodes.free(first, is_freed);
        for node in &freed {
            let name = match &node.origin {
                Origin::Input(name) => named("input", name),
                Origin::Variable(name) => named("variable", name),
                Origin::Constant(_) | Origin::Op(_) | Origin::Result(_) | Origin::Step => continue,
            };
            self.inner.borrow_mut().named.remove(&name);
        }
    }

    /// Number of the next node.
    pub(crate) fn next_id(&self) -> NodeId {
        self.inner.borrow().nodes.next_id()
    }

    /// A copy of the description of every node before `end`.
    pub(crate) fn nodes_before(&self, end: NodeId) -> Table<Node> {
        self.inner.borrow().nodes.before(end)
    }

    /// # Errors
    /// It was freed.
    pub(crate) fn ty(&self, id: NodeId) -> Result<Type> {
        self.look(id, |node| node.ty)
    }

    /// Notes that results on this graph are those of one loop.
    pub(crate) fn note(&self, rule: FusedRule) {
        let mut inner = self.inner.borrow_mut();
        if inner.engine.is_none() {
            inner.rules.push(rule);
        }
    }

    /// What a plan may compute in one loop.
    pub(crate) fn rules(&self) -> Vec<FusedRule> {
        self.inner.borrow().rules.clone()
    }

    /// A copy of the description of a node of a graph that frees none: one that is only recorded.
    pub(crate) fn node(&self, id: NodeId) -> Node {
        self.look(id, Node::clone)
            .unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// Something about a node.
    ///
    /// # Errors
    /// It was freed.
    pub(crate) fn look<R>(&self, id: NodeId, of: impl FnOnce(&Node) -> R) -> Result<R> {
        self.inner.borrow().nodes.get(id).map(of)
    }
}

/// The key of an input or variable.
fn named(what: &str, name: &str) -> String {
    format!("{what} `{name}`")
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<NodeId> = self.inner.borrow().nodes.ids().collect();
        ids.into_iter()
            .try_for_each(|id| writeln!(f, "{:?}", Var { graph: self, id }))
    }
}
