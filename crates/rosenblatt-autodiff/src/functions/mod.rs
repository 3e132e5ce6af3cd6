//! Compositions of primitives, one number from all elements: no derivative to write.
//!
//! To add one: write `functions/<name>.rs` with a `FUNCTION` that names it, then add its lines here.

mod dot;
mod mean;
mod norm;

use crate::{Oracle, Var};

/// Every composition, in alphabetical order.
pub static FUNCTIONS: &[Function] = &[dot::FUNCTION, mean::FUNCTION, norm::FUNCTION];

/// A composition: an entry of the registry.
pub struct Function {
    /// Its name: file, registry key.
    pub name: &'static str,
    /// The composition, of one operand.
    pub apply: for<'g> fn(Var<'g>) -> Var<'g>,
    /// What its values and gradients are compared with, beyond its definition: [`Oracle::Exhaustive`] is nothing more.
    pub oracle: Oracle,
    /// What it says, in plain arithmetic: tests compare values and gradients with it.
    pub definition: fn(&[f64]) -> f64,
}
