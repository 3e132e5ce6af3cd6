//! Everything this crate promises, in one binary; `allocations`, `mutants` and `same_bits` count for the whole process, so each has
//! one of its own.

#![cfg(test)]

mod arrays;
mod check;
mod commented;
#[path = "../common/mod.rs"]
mod common;
mod disk;
mod embedding;
mod fit;
mod long_runs;
mod misuse;
mod model_file;
mod normalizing;
mod not_finite;
mod one_output;
mod resume;
mod sealed;
mod settings;
mod spec;
mod spec_round_trip;
mod trainer;
mod weights;
