//! Compositions of primitives: no derivative to write.
//!
//! To add one: write `functions/<name>.rs` with a `FUNCTION` that names it, then add its lines here. If it is a
//! function of one number, that is all it takes to use it as an activation under its name.
//!
//! # Example
//! `functions/cube.rs`, which needs the two lines `mod cube;` and `cube::FUNCTION,` below:
//! ```
//! use rosenblatt_autodiff::functions::{Definition, Function};
//! use rosenblatt_autodiff::{Oracle, Var};
//!
//! /// The registry entry.
//! pub const FUNCTION: Function = Function {
//!     name: "cube",
//!     apply: cube,
//!     oracle: Oracle::Exhaustive,
//!     definition: Definition::OfNumber(|x| x * x * x),
//! };
//!
//! /// Cube, element-wise.
//! ///
//! /// `y = x³`
//! pub fn cube(x: Var<'_>) -> Var<'_> {
//!     x * x * x
//! }
//! ```

mod dot;
mod gelu;
mod gelu_tanh;
mod mean;
mod norm;
mod silu;
mod softplus;
mod square;

pub use gelu::gelu;
pub use gelu_tanh::gelu_tanh;
pub use silu::silu;
pub use softplus::softplus;
pub use square::square;

use rosenblatt_tensor::{DType, Error};

use crate::{Oracle, Var};

/// Every composition, in alphabetical order.
pub static FUNCTIONS: &[Function] = &[
    dot::FUNCTION,
    gelu::FUNCTION,
    gelu_tanh::FUNCTION,
    mean::FUNCTION,
    norm::FUNCTION,
    silu::FUNCTION,
    softplus::FUNCTION,
    square::FUNCTION,
];

/// A composition on values of a graph.
pub type Apply = for<'g> fn(Var<'g>) -> Var<'g>;

/// A composition: an entry of the registry.
pub struct Function {
    /// Its name: file, registry key, name of the activation.
    pub name: &'static str,
    /// The composition, of one operand.
    pub apply: Apply,
    /// What its values and gradients are compared with, beyond its definition: [`Oracle::Exhaustive`] is nothing more.
    pub oracle: Oracle,
    /// What it says, in plain arithmetic: tests compare values and gradients with it.
    pub definition: Definition,
}

/// A function as a formula of f64.
#[derive(Clone, Copy)]
pub enum Definition {
    /// Element by element: may serve as an activation.
    OfNumber(fn(f64) -> f64),
    /// One number from all elements.
    OfAll(fn(&[f64]) -> f64),
}

/// Primitives that serve as activations as they are.
static PRIMITIVES: &[(&str, Apply)] = &[
    ("leaky_relu", |x| x.leaky_relu(0.01)),
    ("relu", |x| x.relu()),
    ("sigmoid", |x| x.sigmoid()),
    ("tanh", |x| x.tanh()),
];

/// Every function of one number that may stand between layers, with its name, in alphabetical order.
#[must_use]
pub fn activations() -> Vec<(&'static str, Apply)> {
    let functions = FUNCTIONS
        .iter()
        .filter(|function| matches!(function.definition, Definition::OfNumber(_)));
    let mut all: Vec<_> = functions.map(|function| (function.name, function.apply)).collect();
    all.extend(PRIMITIVES);
    all.sort_unstable_by_key(|&(name, _)| name);
    all
}

/// The activation of this name.
#[must_use]
pub fn activation(name: &str) -> Option<Apply> {
    activations()
        .into_iter()
        .find(|&(known, _)| known == name)
        .map(|(_, apply)| apply)
}

/// A function of one number computed in f64 and rounded once to the type of `x`: for compositions in which f32 would
/// lose digits, because an error of an argument grows on the way or a factor is subnormal.
#[track_caller]
fn in_f64<'g>(x: Var<'g>, function: impl Fn(Var<'g>) -> Var<'g>) -> Var<'g> {
    if !x.dtype().is_float() {
        let message = format!("expected a floating-point operand, got {:?}", x.ty());
        return x.fail(Error::shape(message));
    }
    function(x.cast(DType::F64)).cast(x.dtype())
}
