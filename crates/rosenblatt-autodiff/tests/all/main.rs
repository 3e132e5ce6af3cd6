//! Everything this crate promises, in one binary; `dynamic` counts compiled plans, so it has a process of its own.

mod activation_values;
mod attention;
mod attributes;
mod common;
mod conventions;
mod data;
mod every_activation;
mod every_function;
mod every_op;
mod every_rewrite;
mod every_transform;
mod faults;
mod inside;
mod integers;
mod misuse;
mod order;
mod programs;
mod requests;
mod rule_programs;
mod rules;
mod scan;
mod scopes;
mod several_results;
mod slices;
mod sorting;
mod worked_examples;
