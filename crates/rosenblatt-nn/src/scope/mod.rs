//! What a layer sees of the world: parameters and buffers by name, counted randomness, training or evaluation.
//!
//! Layers hold no numbers. While a network is put on a graph, its scope asks a *source* for each tensor a layer names;
//! the source decides what that is (a variable of a plan, a constant with a value), and the scope keeps the list. So
//! finding out which parameters a network has, compiling it and running it dynamically are the same code with another
//! source: see [`tensors`] for the first and [`leaves`] for the last.
//!
//! Parameters are shared by path: the same path with an equal layer has the same tensors, and the same path with another
//! layer is an error.
//!
//! | file | what |
//! |---|---|
//! | `keep.rs` | parameters, buffers and their new values |
//! | `draw.rs` | random numbers |
//! | `found.rs` | the list of what layers asked for and computed |
//! | `gains.rs` | the gain of the activation that follows a weight |
//! | `source.rs` | sources |

mod draw;
mod found;
mod gains;
mod keep;
mod source;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::Location;
use std::rc::Rc;

use rosenblatt_autodiff::{Graph, Var};
use rosenblatt_tensor::{DType, Error, Result, Tensor};

use crate::Layer;
use crate::entry::text;

pub use found::{AppliedLayer, Found, Role, TensorSpec};
pub use source::{gains_for, leaves, tensors, tensors_for, tensors_of};

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

/// A layer's access to everything outside it.
///
/// # Example
/// Two applications under one path share their weights:
/// ```
/// use rosenblatt_autodiff::Type;
/// use rosenblatt_nn::{layers::Linear, scope};
/// use rosenblatt_tensor::{DType, Shape};
///
/// let rows = Type::new(DType::F32, Shape::new(&[8, 4])?);
/// let tied = scope::tensors_of(rows, |scope, x| {
///     let square = Linear::new(4);
///     scope.apply("square", &square, scope.apply("square", &square, x).tanh())
/// })?;
/// assert_eq!(tied.len(), 2);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
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
    /// Updated buffers that were read again since.
    read_again: RefCell<BTreeSet<String>>,
    layers: RefCell<BTreeMap<String, AppliedLayer>>,
    applications: RefCell<Vec<Application<'g>>>,
    /// How often each random draw was asked for.
    draws: RefCell<BTreeMap<String, usize>>,
    error: RefCell<Option<Error>>,
}

type Source<'g> = dyn Fn(&TensorSpec) -> Result<Var<'g>> + 'g;

/// One use of a layer.
struct Application<'g> {
    path: String,
    layer: String,
    inputs: Vec<Var<'g>>,
    output: Var<'g>,
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
        let run = Run {
            graph,
            dtype,
            mode,
            source: Box::new(source),
            found: RefCell::default(),
            read_again: RefCell::default(),
            layers: RefCell::default(),
            applications: RefCell::default(),
            draws: RefCell::default(),
            error: RefCell::default(),
        };
        Self {
            run: Rc::new(run),
            path: String::new(),
            layer: String::new(),
        }
    }

    /// Puts `layer` on the graph as the part `name` of this one.
    ///
    /// An equal layer under the same name shares its weights; another layer there is an error, of kind
    /// [`rosenblatt_tensor::ErrorKind::Config`].
    #[track_caller]
    pub fn apply(&self, name: impl fmt::Display, layer: &dyn Layer, x: Var<'g>) -> Var<'g> {
        self.join(name, layer, &[x])
    }

    /// As [`Scope::apply`], of a layer with several inputs: see [`Layer::join`].
    #[track_caller]
    pub fn join(&self, name: impl fmt::Display, layer: &dyn Layer, xs: &[Var<'g>]) -> Var<'g> {
        let scope = Self {
            run: Rc::clone(&self.run),
            path: self.place(name),
            layer: layer.name().to_owned(),
        };
        let times = match scope.count(layer) {
            Ok(times) => times,
            Err(error) => return self.fail(at(error, Location::caller())),
        };
        let sound = self.run.graph.error().is_none();
        let output = layer.join(&scope, xs);
        if sound && let Some(error) = self.run.graph.error() {
            scope.fail(error);
        }
        self.run.applications.borrow_mut().push(Application {
            path: numbered(scope.path, times),
            layer: scope.layer,
            inputs: xs.to_vec(),
            output,
        });
        output
    }

    /// The scope of something that is no layer: its random numbers have a path of their own, and its errors name it.
    pub(crate) fn part(&self, name: impl fmt::Display, entry: &str) -> Self {
        Self {
            run: Rc::clone(&self.run),
            path: self.place(name),
            layer: entry.to_owned(),
        }
    }

    /// How often this path was applied, this time included.
    fn count(&self, layer: &dyn Layer) -> Result<usize> {
        let mut layers = self.run.layers.borrow_mut();
        let fields = layer.fields();
        let Some(known) = layers.get_mut(&self.path) else {
            let applied = AppliedLayer {
                name: self.layer.clone(),
                fields,
                window_axes: layer.window_axes(),
                times: 1,
            };
            layers.insert(self.path.clone(), applied);
            return Ok(1);
        };
        if (&known.name, &known.fields) == (&self.layer, &fields) {
            known.times += 1;
            return Ok(known.times);
        }
        let [before, now] = [(&known.name, &known.fields), (&self.layer, &fields)].map(|(n, f)| text::written(n, f));
        let message = format!(
            "`{}` is the layer `{before}` already, and cannot be `{now}` too",
            self.path
        );
        Err(Error::config(message).hint("give it another name; only an equal layer shares the weights of a name"))
    }

    /// Name and inputs of the layer whose output `y` is, the innermost if a layer passes on what another one computed.
    pub(crate) fn produced<R>(&self, y: Var<'g>, read: impl FnOnce(&str, &[Var<'g>]) -> R) -> Option<R> {
        let applications = self.run.applications.borrow();
        let found = applications.iter().find(|one| one.output.id() == y.id());
        found.map(|one| read(&one.layer, &one.inputs))
    }

    /// The type of parameters, and of what is computed with them.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.run.dtype
    }

    /// A value that is the same in every step.
    #[track_caller]
    pub(crate) fn constant(&self, value: Tensor) -> Var<'g> {
        self.run.graph.constant(value)
    }

    /// Whether this is training: dropout drops, batch statistics are used.
    #[must_use]
    pub fn training(&self) -> bool {
        matches!(self.run.mode, Mode::Training { .. })
    }

    /// Records a mistake, with the path of this layer, for [`Scope::finish`], which returns the first one.
    ///
    /// Returns a value to go on with; whatever depends on it has no value.
    #[track_caller]
    pub fn fail(&self, error: Error) -> Var<'g> {
        self.fail_as(error, Tensor::scalar_of(self.run.dtype, 0.0))
    }

    /// As [`Scope::fail`]; the value has the type of `stand_in`, so that building may go on.
    #[track_caller]
    fn fail_as(&self, error: Error, stand_in: Tensor) -> Var<'g> {
        let error = self.placed(error);
        self.run.error.borrow_mut().get_or_insert_with(|| error.clone());
        self.run.graph.constant(stand_in).fail(error)
    }

    /// Notes that the layer has buffers `running_mean` and `running_var`, which are the mean and the variance (divided by `n − 1`) of
    /// `x` over all axes but the second, or approach them: so that they can be computed exactly.
    ///
    /// # Shapes
    /// - `x`: `[batch, features, …]`
    pub fn keeps_statistics_of(&self, x: Var<'g>) {
        self.run.found.borrow_mut().statistics.push((self.path.clone(), x));
    }

    /// Notes that the layer cannot learn from this batch, and did as in evaluation. A run whose full batches are all like that ends
    /// with this error before its first step; a short last batch may be.
    pub fn cannot_learn(&self, error: Error) {
        let error = self.placed(error);
        self.run.found.borrow_mut().cannot_learn.get_or_insert(error);
    }

    /// Notes that the layer takes numbers for codes: what is between two of them means nothing, so rows cannot be mixed.
    pub fn reads_codes(&self) {
        self.run
            .found
            .borrow_mut()
            .codes
            .get_or_insert_with(|| self.path.clone());
    }

    /// An error with the name and the path of this layer.
    fn placed(&self, error: Error) -> Error {
        let places = [&self.layer, &self.path].into_iter().filter(|place| !place.is_empty());
        places.fold(error, |error, place| error.within(place))
    }

    /// What the layers asked for and computed.
    ///
    /// # Errors
    /// The first mistake: shapes that do not fit, or a tensor the source does not have.
    pub fn finish(self) -> Result<Found<'g>> {
        if let Some(error) = self.run.error.take().or_else(|| self.run.graph.error()) {
            return Err(error);
        }
        let mut found = self.run.found.take();
        let applications = self.run.applications.take().into_iter();
        found.draws = self.run.draws.take().into_keys().collect();
        found.layers = self.run.layers.take();
        found.outputs = applications.map(|one| (one.path, one.output)).collect();
        Ok(found)
    }

    fn place(&self, name: impl fmt::Display) -> String {
        if self.path.is_empty() {
            name.to_string()
        } else {
            format!("{}.{name}", self.path)
        }
    }
}

/// A path that is used for the `times`th time: itself, then `path#2`, `path#3`.
fn numbered(path: String, times: usize) -> String {
    match times {
        1 => path,
        _ => format!("{path}#{times}"),
    }
}

/// A mistake of the caller, with the line it is in.
fn at(error: Error, place: &Location<'_>) -> Error {
    error.within(format!("{}:{}", place.file(), place.line()))
}
