//! Layers, losses, metrics, optimizers, schedules, penalties, constraints and initializers: one file each, listed in `mod.rs`.
//!
//! All of them are plain data chosen by name in a run file, an [`Entry`]. They hold no numbers that are learned: a
//! [`Layer`] is a function on a graph that asks its [`Scope`] for parameters by name, an [`Optimizer`] is a rule for one
//! tensor, an [`Initializer`] fills one. To add one, write its file and add its lines to the `mod.rs` of its folder.
//!
//! # Example
//! ```
//! use rosenblatt_autodiff::Type;
//! use rosenblatt_nn::activations::TANH;
//! use rosenblatt_nn::layers::{Linear, Sequential};
//! use rosenblatt_nn::scope;
//! use rosenblatt_tensor::{DType, Shape};
//!
//! let network = Sequential::new().then(Linear::new(16)).then(TANH).then(Linear::new(3));
//! let rows = Type::new(DType::F32, Shape::new(&[8, 4])?);
//! let tensors = scope::tensors("layers", &network, rows)?;
//! assert_eq!(tensors[0].name, "layers.0.weight");
//! assert_eq!(tensors[0].shape, [16, 4]);
//! assert_eq!(tensors[3].name, "layers.2.bias");
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used)]
#![warn(clippy::disallowed_methods)]

pub mod activations;
pub mod augment;
pub mod consolidation;
pub mod constraints;
pub mod entry;
pub mod init;
pub mod layers;
pub mod losses;
pub mod metrics;
pub mod optimize;
pub mod optimizers;
pub mod penalties;
pub mod schedules;
pub mod scope;
pub mod solvers;
pub mod transform;

/// For the macros of the crate `rosenblatt`.
#[doc(hidden)]
pub mod __private {
    pub use {schemars, serde};
}

mod link;
mod network;
mod target_kind;

pub use augment::Augmentation;
pub use constraints::Constraint;
pub use entry::{Config, Configurable, Entry, Registration, Registry, register};
pub use init::{Init, Initializer};
pub use layers::Layer;
pub use link::Link;
pub use losses::Loss;
pub use metrics::Metric;
pub use network::{Network, Outputs};
pub use optimize::{Optimize, OptimizeExt};
pub use optimizers::{Optimizer, OptimizerStep};
pub use penalties::Penalty;
pub use schedules::Schedule;
pub use scope::{Mode, Role, Scope, TensorSpec};
pub use target_kind::TargetKind;
