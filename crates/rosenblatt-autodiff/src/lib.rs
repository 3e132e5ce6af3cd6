//! Graphs of primitives, their derivatives, and the two ways to run them.
//!
//! A small set of primitives ([`ops`]), activations ([`pointwise`]), two transformations ([`reverse`], [`forward`]), one compiler ([`plan`]);
//! everything else is composition ([`functions`], [`images`]). A [`Graph`] runs dynamically, each node computed as it is made, or
//! is compiled once into a [`plan::Plan`] and run many times. Both give the same bits.
//!
//! To evaluate, differentiate or compile a function of arrays, start at [`transform`]: [`eval`], [`grad`()], [`jvp`],
//! [`vjp`], [`jacobian`], [`hessian`], [`hvp`], [`jit`()]. (A closure in a variable needs [`function`].)
//!
//! # Example
//! ```
//! let [dx, dy] = rosenblatt_autodiff::grad(|[x, y]| x * (x + y), [&2.0.into(), &1.0.into()])?;
//! assert_eq!((dx.item()?, dy.item()?), (5.0, 2.0));
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```
//! The same on a graph:
//! ```
//! use rosenblatt_autodiff::{Graph, reverse};
//! use rosenblatt_tensor::Tensor;
//!
//! let graph = Graph::dynamic();
//! let x = graph.constant(Tensor::scalar(2.0));
//! let y = graph.constant(Tensor::scalar(1.0));
//! let f = x * (x + y);
//! let gradients = reverse::gradients(f, &[x, y]);
//! assert_eq!(f.value()?.item()?, 6.0);
//! assert_eq!(gradients[0].value()?.item()?, 5.0);
//! assert_eq!(gradients[1].value()?.item()?, 2.0);
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used)]
// A new type of numbers must not fall into an arm that was written for another.
#![deny(clippy::match_wildcard_for_single_variants, clippy::wildcard_enum_match_arm)]
#![warn(clippy::disallowed_methods)]

mod attributes;
mod cotangent;
pub mod data;
mod dynamic;
mod elementwise;
mod execution;
pub mod forward;
pub mod functions;
mod graph;
pub mod images;
mod loops;
mod nodes;
mod op;
pub mod ops;
pub mod plan;
pub mod pointwise;
mod real;
pub mod reverse;
mod rule;
mod scope;
pub mod transform;
mod var;

pub use attributes::{Attribute, Attributes};
pub use data::{GraphData, NodeData};
pub use dynamic::Engine;
pub use elementwise::{Binary, Elementwise, Elementwise2, Unary};
pub use execution::Execution;
pub use graph::{Graph, NodeId, Origin};
pub use op::{Example, Family, Lowering, Make, Op, Oracle, Type, same_float, same_number};
pub use real::Real;
pub use rule::Rule;
pub use scope::Vars;
pub use transform::{
    Jit, eval, function, grad, hessian, hessian_of, hvp, jacobian, jacobian_of, jit, jvp, value_and_grad, vjp,
};
pub use var::Var;
