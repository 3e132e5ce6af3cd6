//! Expressions as text, and their derivatives in four ways: numeric, symbolic, forward mode, reverse mode.
//!
//! | step | where |
//! |---|---|
//! | text → tree | [`parse`](fn@parse), [`parse_list`] |
//! | derivative in symbols | [`derivative`](fn@derivative), by the rules in [`functions`] |
//! | shorter, of the same value | [`simplify`](fn@simplify) |
//! | tree → text | `Display` of [`Expression`] |
//! | values, forward and reverse mode on the engine's graph | `on_graph.rs` |
//! | central differences | `numeric.rs` |
//! | all of it at a point | [`Derivation`] |
//! | critical points, of any function of the engine | [`critical`] |
//!
//! # Example
//! ```
//! use rosenblatt_symbolic::{derivative, parse, simplify};
//!
//! let f = parse("x*(x + y)")?;
//! assert_eq!(simplify(&derivative(&f, "x")?).to_string(), "2*x + y");
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used)]
#![warn(clippy::disallowed_methods)]

pub mod critical;
pub mod functions;

mod derivation;
mod derivative;
mod dot;
mod expression;
mod graph;
mod numeric;
mod on_graph;
mod parse;
mod print;
mod simplify;
mod warnings;

pub use derivation::{AtPoint, Derivation, Output, Way};
pub use derivative::derivative;
pub use expression::{Constant, Expression, Operator};
pub use functions::Function;
pub use graph::{GraphNode, NodeKind, ValueGraph};
pub use parse::{MAX_DEPTH, MAX_LENGTH, MAX_NODES, parse, parse_list};
pub use print::number;
pub use simplify::simplify;
