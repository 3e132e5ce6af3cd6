//! Constraints: what holds for parameters after every step.
//!
//! To add one: write `constraints/<name>.rs`, then add its lines here. [`crate::optimize::Constrain`] says on which
//! parameters it acts.

mod max_norm;
mod non_negative;
mod rows;
mod unit_norm;

use rosenblatt_autodiff::Var;

use crate::Registration;
use crate::entry::{Configurable, registry};

pub use max_norm::MaxNorm;
pub use non_negative::NonNegative;
pub use unit_norm::UnitNorm;

/// A set of values, and the way back into it after each step (projected gradient descent).
///
/// It applies to the value that the optimizer's rule gives, not to the initial value.
pub trait Constraint: Configurable {
    /// The nearest value that satisfies the constraint; a value that does keeps every bit.
    ///
    /// # Shapes
    /// - `theta`: any
    /// - returns the same shape
    fn project<'g>(&self, theta: Var<'g>) -> Var<'g>;
}

/// Every constraint, in alphabetical order.
pub static CONSTRAINTS: &[Registration<dyn Constraint>] = &[
    Registration::<dyn Constraint>::of::<MaxNorm>(),
    Registration::<dyn Constraint>::of::<NonNegative>(),
    Registration::<dyn Constraint>::of::<UnitNorm>(),
];

registry!(Constraint, "constraint", CONSTRAINTS);
