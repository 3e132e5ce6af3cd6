//! Everything this crate promises, in one binary; `dynamic` counts compiled plans, so it has a process of its own.

mod common;
mod conventions;
mod every_function;
mod every_op;
mod every_rewrite;
mod every_transform;
mod faults;
mod misuse;
mod requests;
mod rule_programs;
mod rules;
mod worked_examples;
