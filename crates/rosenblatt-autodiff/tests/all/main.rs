//! Everything this crate promises, in one binary; `dynamic` counts compiled plans, so it has a process of its own.

mod common;
mod conventions;
mod every_function;
mod every_op;
mod every_rewrite;
mod faults;
mod requests;
mod worked_examples;
