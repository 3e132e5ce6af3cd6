//! Initializers: what parameters are before the first step.
//!
//! To add one: write `init/<name>.rs` (a rule of variance scaling: a line in `fan.rs`), then add its lines here, and its moments in
//! `WANTED` of `tests/every_entry/every_initializer.rs`. A layer only says what a parameter is ([`Init`]); the run file chooses the rule,
//! one for weights and one for biases.
//!
//! A rule may depend on the gain of the activation that follows a weight ([`Gain`]). Which one that is the scope knows, once a network
//! is on a graph ([`crate::Scope::gains`]); the gain is computed from the activation (`activation.rs`), so a new one needs no entry.

mod activation;
mod constant;
mod fan;
mod gain;
mod normal;
mod orthogonal;
mod truncated_normal;
mod uniform;
mod zeros;

use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor, memory};

use crate::entry::{Configurable, registry};
use crate::{Registration, Role, TensorSpec};

pub use activation::activation_gain;
pub(crate) use activation::{Response, response};
pub use constant::Constant;
pub use fan::{FanInUniform, FanMode, GlorotNormal, GlorotUniform, HeNormal, HeUniform, LecunNormal, LecunUniform};
pub use gain::{Auto, Gain};
pub use normal::Normal;
pub use orthogonal::Orthogonal;
pub use truncated_normal::TruncatedNormal;
pub use uniform::Uniform;
pub use zeros::Zeros;

/// What a layer says of a parameter.
///
/// For weights and biases the run file chooses the rule; what else there is knows its own initial values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// Multiplies inputs.
    Weight {
        /// Inputs that reach one output.
        fan_in: usize,
        /// Outputs that one input reaches.
        fan_out: usize,
    },
    /// Is added to outputs.
    Bias {
        /// Inputs that reach one output.
        fan_in: usize,
    },
    /// Scales each number by itself: 1 at first, whatever the run file says.
    Ones,
    /// Shifts each number by itself: 0 at first, whatever the run file says.
    Zeros,
    /// A number that a function of one feature is set to: this one at first, whatever the run file says.
    Constant(f64),
    /// Vectors that are looked up: initially normal with mean 0 and standard deviation 1, whatever the run file says.
    Embedding {
        /// How many of the first elements are 0 instead: the vector of an index that means "missing".
        zeros: usize,
    },
}

impl Init {
    /// Inputs that reach one output.
    #[must_use]
    pub fn fan_in(self) -> usize {
        match self {
            Self::Weight { fan_in, .. } | Self::Bias { fan_in } => fan_in,
            Self::Ones | Self::Zeros | Self::Constant(_) | Self::Embedding { .. } => 1,
        }
    }

    /// Outputs that one input reaches; a bias reaches one.
    #[must_use]
    pub fn fan_out(self) -> usize {
        match self {
            Self::Weight { fan_out, .. } => fan_out,
            _ => 1,
        }
    }
}

/// What a rule is told of the weight or bias that it fills.
#[derive(Clone, Copy, Debug)]
pub struct ParameterInfo<'a> {
    /// What its layer says of it.
    pub init: Init,
    /// Its sizes: `[out, in, …]` for a weight.
    pub shape: &'a Shape,
    /// The gain of the activation that follows: see [`activation_gain`]. 1 if none does, for biases, and where the rule does not
    /// need it.
    pub gain: f64,
}

/// A rule for the initial values of a parameter.
pub trait Initializer: Configurable {
    /// Fills `values`, row-major, with numbers from `rng` for this parameter.
    fn fill(&self, parameter: ParameterInfo<'_>, rng: &Rng, values: &mut [f64]);

    /// Whether it depends on [`ParameterInfo::gain`].
    fn needs_gain(&self) -> bool {
        false
    }
}

/// Every initializer, in alphabetical order.
pub static INITIALIZERS: &[Registration<dyn Initializer>] = &[
    Registration::<dyn Initializer>::of::<Constant>(),
    Registration::<dyn Initializer>::of::<FanInUniform>(),
    Registration::<dyn Initializer>::of::<GlorotNormal>(),
    Registration::<dyn Initializer>::of::<GlorotUniform>(),
    Registration::<dyn Initializer>::of::<HeNormal>(),
    Registration::<dyn Initializer>::of::<HeUniform>(),
    Registration::<dyn Initializer>::of::<LecunNormal>(),
    Registration::<dyn Initializer>::of::<LecunUniform>(),
    Registration::<dyn Initializer>::of::<Normal>(),
    Registration::<dyn Initializer>::of::<Orthogonal>(),
    Registration::<dyn Initializer>::of::<TruncatedNormal>(),
    Registration::<dyn Initializer>::of::<Uniform>(),
    Registration::<dyn Initializer>::of::<Zeros>(),
];

registry!(Initializer, "initializer", INITIALIZERS);

/// The initial value of a tensor: of a weight or bias by the rule for it, of other parameters what their kind is at first,
/// of a buffer what its layer said. As [`first_value_with_gain`] with the gain 1.
///
/// # Errors
/// As [`first_value_with_gain`].
pub fn first_value(
    spec: &TensorSpec,
    seed: u64,
    weights: &dyn Initializer,
    biases: &dyn Initializer,
) -> Result<Tensor> {
    first_value_with_gain(spec, seed, 1.0, weights, biases)
}

/// As [`first_value`], of a weight that an activation of this gain follows: [`crate::Network::gains`] finds it.
///
/// # Numerics
/// The numbers depend on `seed` and the tensor's name alone: not on other tensors, nor on the order they are made in.
/// They are computed in f64 and rounded to the tensor's type.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if a number is beyond the tensor's type;
/// [`rosenblatt_tensor::ErrorKind::Unsupported`] if there is no memory for them.
pub fn first_value_with_gain(
    spec: &TensorSpec,
    seed: u64,
    gain: f64,
    weights: &dyn Initializer,
    biases: &dyn Initializer,
) -> Result<Tensor> {
    let mut values = room(spec)?;
    values.resize(spec.shape.elements(), 0.0);
    let rng = Rng::new(seed).purpose("init").purpose(&spec.name);
    let shape = &spec.shape;
    match spec.role {
        Role::Parameter(init @ Init::Weight { .. }) => {
            weights.fill(ParameterInfo { init, shape, gain }, &rng, &mut values);
        }
        Role::Parameter(init @ Init::Bias { .. }) => {
            biases.fill(ParameterInfo { init, shape, gain: 1.0 }, &rng, &mut values);
        }
        Role::Parameter(Init::Ones) => values.fill(1.0),
        Role::Parameter(Init::Zeros) => {}
        Role::Parameter(Init::Constant(value)) => values.fill(value),
        Role::Parameter(Init::Embedding { zeros }) => {
            fill_normal(&rng, 1.0, &mut values);
            values.iter_mut().take(zeros).for_each(|value| *value = 0.0);
        }
        Role::Buffer { start } => values.fill(start),
    }
    let largest = if spec.dtype == DType::F32 {
        f64::from(f32::MAX)
    } else {
        f64::MAX
    };
    if let Some(beyond) = values.iter().find(|value| value.is_nan() || value.abs() > largest) {
        return Err(Error::config(format!("{beyond:e} is beyond {}", spec.dtype)).within(&spec.name));
    }
    match spec.dtype {
        DType::F32 => {
            let mut rounded = room(spec)?;
            rounded.extend(values.into_iter().map(|value| value as f32));
            Tensor::from_vec(rounded, &spec.shape)
        }
        DType::F64 => Tensor::from_vec(values, &spec.shape),
        other => Err(Error::internal(format!(
            "`{}` is {other}, expected f32 or f64",
            spec.name
        ))),
    }
}

/// Room for the numbers of a tensor, of which a user decides how many there are.
fn room<T>(spec: &TensorSpec) -> Result<Vec<T>> {
    let mut values = Vec::new();
    let reserved = memory::try_reserve(&mut values, spec.shape.elements());
    reserved.map_err(|error| error.within(&spec.name).hint("a smaller network needs less"))?;
    Ok(values)
}

/// Uniform in `[low, high)`.
fn fill_uniform(rng: &Rng, low: f64, high: f64, values: &mut [f64]) {
    rng.fill_uniform(0, values);
    values.iter_mut().for_each(|value| *value = low + (high - low) * *value);
}

/// Normal with mean 0.
fn fill_normal(rng: &Rng, std: f64, values: &mut [f64]) {
    rng.fill_normal(0, values);
    values.iter_mut().for_each(|value| *value *= std);
}
