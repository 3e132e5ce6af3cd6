//! Scalar product.

use rosenblatt_tensor::Error;

use super::Function;
use crate::{Oracle, Var};

/// The registry entry: the product with itself.
pub const FUNCTION: Function = Function {
    name: "dot",
    apply: |x| x.dot(x),
    oracle: Oracle::Exhaustive,
    definition: |x| x.iter().map(|x| x * x).sum(),
};

impl<'g> Var<'g> {
    /// Sum of the products of all elements; shapes must be equal.
    ///
    /// `y = Σ aᵢ bᵢ`
    #[must_use]
    #[track_caller]
    pub fn dot(self, other: Self) -> Self {
        if self.shape() == other.shape() {
            return (self * other).sum_all();
        }
        let message = format!("expected equal shapes, got {:?} and {:?}", self.shape(), other.shape());
        self.fail(Error::shape(message).within(FUNCTION.name))
    }
}
