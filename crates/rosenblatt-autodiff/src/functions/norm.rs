//! Euclidean norm.

use super::{Definition, Function};
use crate::{Oracle, Var};

/// The registry entry.
pub const FUNCTION: Function = Function {
    name: "norm",
    apply: |x| x.norm(),
    oracle: Oracle::Exhaustive,
    definition: Definition::OfAll(|x| x.iter().map(|x| x * x).sum::<f64>().sqrt()),
};

impl<'g> Var<'g> {
    /// Euclidean norm of all elements.
    ///
    /// `y = √Σ xᵢ²`
    ///
    /// # Numerics
    /// Squares beyond the range of the type overflow: gradients of f32 above 1e19 belong into f64 first.
    #[must_use]
    #[track_caller]
    pub fn norm(self) -> Self {
        self.dot(self).sqrt()
    }
}
