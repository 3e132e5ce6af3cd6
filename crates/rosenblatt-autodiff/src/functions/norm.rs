//! Euclidean norm.

use super::Function;
use crate::{Oracle, Var};

/// The registry entry.
pub const FUNCTION: Function = Function {
    name: "norm",
    apply: |x| x.norm(),
    oracle: Oracle::Exhaustive,
    definition: |x| x.iter().map(|x| x * x).sum::<f64>().sqrt(),
};

impl<'g> Var<'g> {
    /// Euclidean norm of all elements.
    ///
    /// `y = √Σ xᵢ²`
    ///
    /// # Numerics
    /// At 0 its derivatives of every order are 0 (that of the square root would be infinite), as PyTorch's gradient. Squares beyond the range of the type overflow: gradients of f32 above 1e19 belong into f64 first.
    #[must_use]
    #[track_caller]
    pub fn norm(self) -> Self {
        let square = self.dot(self);
        let is_zero = square.eq(square.full_like(0.0));
        let root = is_zero.select(square.full_like(1.0), square).sqrt();
        is_zero.select(square.full_like(0.0), root)
    }
}
