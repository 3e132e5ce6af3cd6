//! Tensors, kernels, the machine that runs them, random numbers and the one [`Error`].
//!
//! The lowest layer of Rosenblatt, and the only one that contains hand-written `unsafe` code:
//!
//! - [`Tensor`], [`Shape`], [`Layout`], [`DType`]: numbers and how they lie in memory;
//! - [`kernels`]: loops over numbers, compiled once per instruction set, the same bits on each;
//! - [`math`]: branch-free vector functions with stated error bounds;
//! - [`machine`]: runs lists of kernels over an arena on all threads, and puts the barriers;
//! - [`pool`]: the threads; [`rng`]: counted random numbers;
//! - [`memory`]: what happens when there is no more of it;
//! - [`names`]: which name was meant, for the hints of errors.

#![warn(clippy::unwrap_used)]
// A new type of numbers must not fall into an arm that was written for another.
#![deny(clippy::match_wildcard_for_single_variants, clippy::wildcard_enum_match_arm)]
#![warn(clippy::disallowed_methods)]

pub mod kernels;
pub mod machine;
pub mod math;
pub mod memory;
pub mod names;
pub mod pool;
pub mod rng;

mod advice;
mod convert;
#[cfg(feature = "ndarray-0_17")]
mod convert_ndarray;
mod dtype;
mod error;
mod layout;
mod scratch;
mod select;
mod shape;
mod storage;
mod tensor;

pub use advice::{Advice, AdvicePart};
pub use dtype::{DType, Element};
pub use error::{Error, ErrorKind, Result};
pub use kernels::isa::Isa;
pub use layout::Layout;
pub use names::nearest;
pub use scratch::{Mapped, ScratchFile};
pub use shape::{MAX_RANK, Shape};
pub use storage::{Buffer, Foreign};
pub use tensor::Tensor;
