//! What a layer sees of the world: parameters and buffers by name, counted randomness, training or prediction.
//!
//! Layers hold no numbers. While a network is put on a graph, its scope asks a *source* for each tensor a layer names;
//! the source decides what that is (a plan's state, a leaf with a value), and the scope keeps the list. So finding out
//! which parameters a network has, compiling it and running it dynamically are the same code with another source:
//! see [`tensors`] for the first and [`leaves`] for the last.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use rosenblatt_autodiff::{Execution, Graph, Type, Var};
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor};

use crate::Layer;
use crate::init::Init;

/// A tensor that a layer keeps from step to step.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorSpec {
    /// Its place in the network: `layers.0.weight`.
    pub name: String,
    /// Sizes in its logical layout: `[out_features, in_features]`.
    pub shape: Shape,
    /// Type of its elements.
    pub dtype: DType,
    /// What it is for.
    pub role: Role,
}

/// Whether a tensor is learned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role {
    /// Learned from gradients; its first values are the initialiser's.
    Parameter(Init),
    /// Kept by the layer itself, through [`Scope::update`].
    Buffer {
        /// The first value of each element.
        start: f64,
    },
}

/// What a network is put on a graph for.
#[derive(Clone, Copy, Debug)]
pub enum Mode<'g> {
    /// No randomness; buffers are only read.
    Eval,
    /// With randomness, and buffers are updated.
    Training {
        /// The count of randomness: i64 `[2]`, seed and step.
        counter: Var<'g>,
    },
}

/// The way of a layer to everything outside it.
pub struct Scope<'g> {
    run: Rc<Run<'g>>,
    path: String,
    layer: String,
}

/// What is the same for all layers of a network.
struct Run<'g> {
    graph: &'g Graph,
    dtype: DType,
    mode: Mode<'g>,
    source: Box<Source<'g>>,
    found: RefCell<Found<'g>>,
    error: RefCell<Option<Error>>,
}

type Source<'g> = dyn Fn(&TensorSpec) -> Result<Var<'g>> + 'g;

/// What layers asked for, in the order they did.
#[derive(Debug, Default)]
pub struct Found<'g> {
    /// Parameters and buffers, each once.
    pub tensors: Vec<(TensorSpec, Var<'g>)>,
    /// New values of buffers, by name.
    pub updates: Vec<(String, Var<'g>)>,
}

impl<'g> Found<'g> {
    /// The learned tensors.
    pub fn parameters(&self) -> impl Iterator<Item = &(TensorSpec, Var<'g>)> {
        self.tensors
            .iter()
            .filter(|(spec, _)| matches!(spec.role, Role::Parameter(_)))
    }
}

impl<'g> Scope<'g> {
    /// The scope of a whole network.
    ///
    /// `source` says what the value of a tensor is; it must have the type and shape asked for.
    pub fn new(
        graph: &'g Graph,
        dtype: DType,
        mode: Mode<'g>,
        source: impl Fn(&TensorSpec) -> Result<Var<'g>> + 'g,
    ) -> Self {
        let (found, error) = (RefCell::default(), RefCell::new(None));
        let run = Run {
            graph,
            dtype,
            mode,
            source: Box::new(source),
            found,
            error,
        };
        Self {
            run: Rc::new(run),
            path: String::new(),
            layer: String::new(),
        }
    }

    /// Puts `layer` on the graph as the part `name` of this one.
    pub fn apply(&self, name: impl fmt::Display, layer: &dyn Layer, x: Var<'g>) -> Var<'g> {
        let scope = Self {
            run: Rc::clone(&self.run),
            path: self.place(name),
            layer: layer.name().to_owned(),
        };
        let sound = self.run.graph.error().is_none();
        let y = layer.forward(&scope, x);
        if sound && let Some(error) = self.run.graph.error() {
            scope.fail(error);
        }
        y
    }

    /// A learned tensor of this layer; asking again for the same name gives the same tensor.
    pub fn param(&self, name: &str, shape: &[usize], init: Init) -> Var<'g> {
        self.tensor(name, shape, Role::Parameter(init))
    }

    /// A tensor of this layer that is not learned, `start` everywhere at first.
    pub fn buffer(&self, name: &str, shape: &[usize], start: f64) -> Var<'g> {
        self.tensor(name, shape, Role::Buffer { start })
    }

    /// Gives a buffer another value from the next step on.
    pub fn update(&self, name: &str, value: Var<'g>) {
        self.run.found.borrow_mut().updates.push((self.place(name), value));
    }

    /// The type of parameters, and of what is computed with them.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.run.dtype
    }

    /// Whether this is training: dropout drops, batch statistics are used.
    #[must_use]
    pub fn training(&self) -> bool {
        matches!(self.run.mode, Mode::Training { .. })
    }

    /// The count of randomness (i64 `[2]`, seed and step) and what it is for, which is this layer's place and `name`;
    /// `None` in prediction.
    #[must_use]
    pub fn random(&self, name: &str) -> Option<(Var<'g>, String)> {
        match self.run.mode {
            Mode::Eval => None,
            Mode::Training { counter } => Some((counter, self.place(name))),
        }
    }

    /// Keeps the first mistake for [`Scope::finish`], with the place of this layer.
    pub fn fail(&self, error: Error) {
        let places = [&self.layer, &self.path].into_iter().filter(|place| !place.is_empty());
        self.run
            .error
            .borrow_mut()
            .get_or_insert_with(|| places.fold(error, |error, place| error.within(place)));
    }

    /// What the layers asked for.
    ///
    /// # Errors
    /// The first mistake: shapes that do not fit, or a tensor the source does not have.
    pub fn finish(self) -> Result<Found<'g>> {
        match self.run.error.take().or_else(|| self.run.graph.error()) {
            Some(error) => Err(error),
            None => Ok(self.run.found.take()),
        }
    }

    fn place(&self, name: impl fmt::Display) -> String {
        if self.path.is_empty() {
            name.to_string()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    fn tensor(&self, name: &str, shape: &[usize], role: Role) -> Var<'g> {
        let (dtype, name) = (self.run.dtype, self.place(name));
        let shape = Shape::new(shape).unwrap_or_else(|error| {
            self.fail(error.within(&name));
            Shape::SCALAR
        });
        let spec = TensorSpec {
            name,
            shape,
            dtype,
            role,
        };
        self.find(&spec).unwrap_or_else(|error| {
            self.fail(error);
            // A stand-in, so that building may go on; `finish` gives the error.
            self.run.graph.constant(Tensor::zeros(dtype, shape))
        })
    }

    fn find(&self, spec: &TensorSpec) -> Result<Var<'g>> {
        let known = self
            .run
            .found
            .borrow()
            .tensors
            .iter()
            .find(|(known, _)| known.name == spec.name)
            .cloned();
        let var = match &known {
            Some((_, var)) => *var,
            None => (self.run.source)(spec)?,
        };
        fits(spec, var.ty())?;
        if known.is_none() {
            self.run.found.borrow_mut().tensors.push((spec.clone(), var));
        }
        Ok(var)
    }
}

fn fits(spec: &TensorSpec, given: Type) -> Result<()> {
    let wanted = Type::new(spec.dtype, spec.shape);
    if given == wanted {
        return Ok(());
    }
    Err(Error::shape(format!(
        "`{}` is {given:?}, but this network and its input need {wanted:?}",
        spec.name
    )))
}

/// The parameters and buffers of a network for input of a given type, in the order its layers name them.
///
/// # Errors
/// The network does not fit its input.
pub fn tensors(name: &str, network: &dyn Layer, input: Type) -> Result<Vec<TensorSpec>> {
    tensors_of(input, |scope, x| scope.apply(name, network, x))
}

/// As [`tensors`], of a network that is not one layer: `build` puts it on the graph.
///
/// # Errors
/// The network does not fit its input.
pub fn tensors_of(input: Type, build: impl for<'g> FnOnce(&Scope<'g>, Var<'g>) -> Var<'g>) -> Result<Vec<TensorSpec>> {
    let graph = Graph::new(Execution::Static);
    let source = |spec: &TensorSpec| Ok(graph.variable(spec.name.clone(), spec.dtype, spec.shape));
    let scope = Scope::new(&graph, input.dtype, Mode::Eval, source);
    build(&scope, graph.input("x", input.dtype, input.shape));
    Ok(scope.finish()?.tensors.into_iter().map(|(spec, _)| spec).collect())
}

/// A source of values for a dynamic graph: each tensor is a leaf.
pub fn leaves<'g>(
    graph: &'g Graph,
    values: &'g BTreeMap<String, Tensor>,
) -> impl Fn(&TensorSpec) -> Result<Var<'g>> + 'g {
    |spec| match values.get(&spec.name) {
        Some(value) => Ok(graph.constant(value.clone())),
        None => Err(Error::shape(format!("there is no tensor `{}`", spec.name))
            .hint(meant(&spec.name, values.keys().map(String::as_str)))),
    }
}
