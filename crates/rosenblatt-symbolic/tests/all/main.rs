//! Expressions, against values by hand, identities, and the engine.
#![cfg(test)]

mod chain_rule;
mod critical;
mod derivation;
mod random;
mod rules;
mod text;

use rosenblatt_symbolic::{AtPoint, Derivation};

/// Names of one letter with their values.
fn values(names: &str, values: &[f64]) -> Vec<(String, f64)> {
    names.chars().map(String::from).zip(values.iter().copied()).collect()
}

fn at(text: &str, names: &str, point: &[f64]) -> AtPoint {
    Derivation::new(text).unwrap().at(&values(names, point)).unwrap()
}
