//! Square.

use super::{Definition, Function};
use crate::{Oracle, Var};

/// The registry entry.
pub const FUNCTION: Function = Function {
    name: "square",
    apply: square,
    oracle: Oracle::Exhaustive,
    definition: Definition::OfNumber(|x| x * x),
};

/// Square, element-wise.
///
/// `y = x²`
#[track_caller]
pub fn square(x: Var<'_>) -> Var<'_> {
    x * x
}
