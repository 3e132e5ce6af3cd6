//! Functions with parameters and their derivatives, as JAX and Haiku have them: `init` finds the parameters, the others
//! take them as an argument.
//!
//! | verb | computes |
//! |---|---|
//! | [`init`] | the parameters `θ` a function asks its [`Scope`] for, with their initial values |
//! | [`apply`] | `f(θ, x)` |
//! | [`grad_params`], [`value_and_grad_params`] | `∂f/∂θ` of a scalar `f` |
//! | [`per_sample_grad`] | `∂f/∂θ` for each row of `x` alone |
//! | [`jvp_apply`] | `f(θ, x)` and its derivative along a direction of `x` |
//! | [`vjp_params`] | `f(θ, x)` and `uᵀ ∂f/∂θ` |
//! | [`hvp_params`], [`hessian_params`] | `∂²f/∂θ² v` and `∂²f/∂θ²` of a scalar `f` |
//!
//! For functions without parameters see [`rosenblatt_autodiff::grad`] and its neighbors. Both run in f32 or f64: here the
//! parameters have the type of the first floating-point input. Functions are put on a graph for evaluation
//! ([`Mode::Eval`]): nothing is random, buffers such as running averages are parameters that have no gradient.
//!
//! A closure in a variable must be marked with [`function`]; written as an argument it needs no mark.
//!
//! # Example
//! ```
//! use rosenblatt_autodiff::Type;
//! use rosenblatt_nn::activations::TANH;
//! use rosenblatt_nn::layers::{Linear, Sequential};
//! use rosenblatt_nn::losses::Mse;
//! use rosenblatt_nn::transform::{apply, hvp_params, init, per_sample_grad};
//! use rosenblatt_nn::Loss;
//! use rosenblatt_tensor::Tensor;
//!
//! let net = Sequential::new().then(Linear::new(4)).then(TANH).then(Linear::new(1));
//! let x = Tensor::from([[0.5, -1.0], [2.0, 0.25], [1.0, 1.0]]);
//! let y = Tensor::from([1.0, 0.0, -1.0]);
//! let params = init(|m, [x]| m.apply("layers", &net, x), 0, [Type::of(&x)])?;
//! assert_eq!(apply(|m, [x]| m.apply("layers", &net, x), &params, [&x])?.shape()[..], [3, 1]);
//!
//! let each = per_sample_grad(|m, [x, y]| Mse {}.per_example(m.apply("layers", &net, x), y), &params, [&x, &y])?;
//! assert_eq!(each["layers.0.weight"].shape()[..], [3, 4, 2]);
//!
//! let loss = rosenblatt_nn::transform::function(|m, [x, y]| {
//!     Mse {}.per_example(m.apply("layers", &net, x), y).mean_all()
//! });
//! let curvature = hvp_params(loss, &params, [&x, &y], &params)?;
//! assert_eq!(curvature["layers.2.bias"].shape()[..], [1]);
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```

mod derivatives;
mod per_sample;

pub use derivatives::{grad_params, hessian_params, hvp_params, jvp_apply, value_and_grad_params, vjp_params};
pub use per_sample::per_sample_grad;

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, Type, Var};
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{DType, Error, Result, Tensor};

use crate::init::{FanInUniform, first_value};
use crate::scope::{Found, leaves, tensors_for};
use crate::{Mode, Scope};

/// Parameters and buffers by name.
pub type Params = BTreeMap<String, Tensor>;

/// A closure in a variable, for the verbs of [this module](self): `let f = function(|m, [x]| …)`.
///
/// It returns `f` as it is; without it Rust gives the closure one lifetime for its values instead of any.
pub fn function<const N: usize, F>(f: F) -> F
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    f
}

/// The parameters and buffers that `f` asks its scope for, with their initial values: those of PyTorch
/// ([`FanInUniform`]) for weights and biases.
///
/// They are a function of `seed` and their names.
///
/// # Errors
/// A mistake made by `f`.
pub fn init<const N: usize, F>(f: F, seed: u64, xs: [Type; N]) -> Result<Params>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    let dtype = float_of(xs.iter().map(|x| x.dtype));
    let tensors = tensors_for(&xs, dtype, |scope, xs| {
        f(scope, std::array::from_fn(|i| xs[i]));
    })?;
    let first = |spec| first_value(spec, seed, &FanInUniform {}, &FanInUniform {});
    tensors
        .iter()
        .map(|spec| Ok((spec.name.clone(), first(spec)?)))
        .collect()
}

/// `f(θ, x)`, computed at once.
///
/// # Errors
/// A mistake made by `f`; a parameter is missing, has another shape or type, or `f` does not ask for it.
pub fn apply<const N: usize, F>(f: F, params: &Params, xs: [&Tensor; N]) -> Result<Tensor>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    let graph = Graph::dynamic();
    Traced::new(&f, &graph, params, constants(&graph, xs))?.y.value()
}

/// A function on a graph.
struct Traced<'g> {
    y: Var<'g>,
    found: Found<'g>,
}

impl<'g> Traced<'g> {
    fn new<const N: usize, F>(f: &F, graph: &'g Graph, params: &'g Params, xs: [Var<'g>; N]) -> Result<Self>
    where
        F: for<'h> Fn(&Scope<'h>, [Var<'h>; N]) -> Var<'h>,
    {
        let dtype = float_of(xs.iter().map(|x| x.dtype()).chain(params.values().map(Tensor::dtype)));
        let scope = Scope::new(graph, dtype, Mode::Eval, leaves(graph, params));
        let y = f(&scope, xs);
        let found = scope.finish()?;
        let asked = |name: &str| found.tensors.iter().any(|(spec, _)| spec.name == name);
        match params.keys().find(|name| !asked(name)) {
            None => Ok(Self { y, found }),
            Some(extra) => {
                let names: Vec<&str> = found.tensors.iter().map(|(spec, _)| spec.name.as_str()).collect();
                let error = Error::config(format!("the function has no parameter `{extra}`"));
                Err(error.hint(meant(extra, names)))
            }
        }
    }

    /// Names and values of what is differentiated: parameters, not buffers.
    fn parameters(&self) -> (Vec<String>, Vec<Var<'g>>) {
        self.found
            .parameters()
            .map(|(spec, var)| (spec.name.clone(), *var))
            .unzip()
    }
}

fn constants<'g, const N: usize>(graph: &'g Graph, xs: [&Tensor; N]) -> [Var<'g>; N] {
    xs.map(|x| graph.constant(x.clone()))
}

/// The first floating-point type, f32 if there is none.
fn float_of(dtypes: impl IntoIterator<Item = DType>) -> DType {
    dtypes.into_iter().find(|dtype| dtype.is_float()).unwrap_or(DType::F32)
}

/// Values by name.
fn named(names: Vec<String>, values: &[Var<'_>]) -> Result<Params> {
    let value = |(name, value): (String, &Var<'_>)| Ok((name, value.value()?));
    names.into_iter().zip(values).map(value).collect()
}
