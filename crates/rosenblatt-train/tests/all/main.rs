//! Everything this crate promises, in one binary; `allocations`, `mutants` and `same_bits` count for the whole process, so each has
//! one of its own.

#![cfg(test)]

mod absent;
mod arrays;
mod bench;
mod callbacks;
mod check;
mod class_weight;
mod commented;
#[path = "../common/mod.rs"]
mod common;
mod disk;
mod embedding;
mod fit;
mod history;
mod initializing;
mod inside;
mod learning_curve;
mod learning_rates;
mod long_runs;
mod losses;
mod misuse;
mod misuse_of_solvers;
mod model_file;
mod normalizing;
mod not_finite;
mod one_output;
mod perceptron;
mod presets;
mod regularizing;
mod resume;
mod sealed;
mod settings;
mod spec;
mod spec_round_trip;
mod text;
mod trainer;
mod weights;
