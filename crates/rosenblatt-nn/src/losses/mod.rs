//! Losses: what training makes small.
//!
//! To add one: write `losses/<name>.rs`, then add its lines here; the rest is the card in CONTRIBUTING.md.

mod bce_with_logits;
mod cross_entropy;
mod huber;
mod mae;
mod mse;
mod numbers;

use rosenblatt_autodiff::Var;

use crate::entry::{Configurable, registry};
use crate::{Entry, Goal, Registration};

pub use bce_with_logits::BceWithLogits;
pub use cross_entropy::CrossEntropy;
pub use huber::Huber;
pub use mae::Mae;
pub use mse::Mse;

/// A number for each row that says how wrong its prediction is.
pub trait Loss: Configurable {
    /// How many numbers the network must put out for a row; `None` if the loss is not for this goal.
    ///
    /// For numbers the output itself is the prediction: metrics and `predict` only scale it back to the units of the target.
    /// One for two classes is the logit of the second class, and that of the first is 0.
    fn outputs(&self, goal: Goal) -> Option<usize>;

    /// One loss a row.
    ///
    /// # Shapes
    /// - `prediction`: `[batch, outputs]`
    /// - `targets`: as [`Goal`] says; an input of the plan, never a constant in it
    /// - returns `[batch]`
    fn per_example<'g>(&self, prediction: Var<'g>, targets: Var<'g>) -> Var<'g>;

    /// The loss of a batch, or its part of the loss of a larger one.
    ///
    /// `loss = Σᵢ rowᵢ / divisor`
    ///
    /// # Shapes
    /// - `divisor`: a scalar, the number of rows of the whole batch; an input of the plan
    /// - returns a scalar
    ///
    /// # Numerics
    /// The sum has 16 lanes and a fixed tree, so its bits do not depend on threads.
    fn mean<'g>(&self, prediction: Var<'g>, targets: Var<'g>, divisor: Var<'g>) -> Var<'g> {
        self.per_example(prediction, targets).sum(&[0], false) / divisor
    }

    /// The loss of a batch whose rows do not count alike.
    ///
    /// `loss = Σᵢ weightᵢ · rowᵢ / divisor`
    ///
    /// # Shapes
    /// - `weights`: `[batch]`, not negative
    /// - `divisor`: a scalar, the sum of the weights of the whole batch; an input of the plan
    /// - returns a scalar
    fn weighted_mean<'g>(&self, prediction: Var<'g>, targets: Var<'g>, weights: Var<'g>, divisor: Var<'g>) -> Var<'g> {
        (self.per_example(prediction, targets) * weights).sum(&[0], false) / divisor
    }
}

/// Every loss, in alphabetical order.
pub static LOSSES: &[Registration<dyn Loss>] = &[
    Registration::<dyn Loss>::of::<BceWithLogits>(),
    Registration::<dyn Loss>::of::<CrossEntropy>(),
    Registration::<dyn Loss>::of::<Huber>(),
    Registration::<dyn Loss>::of::<Mae>(),
    Registration::<dyn Loss>::of::<Mse>(),
];

registry!(Loss, "loss", LOSSES);

/// The loss for a goal unless somebody chooses another.
#[must_use]
pub fn usual(goal: Goal) -> Entry<dyn Loss> {
    match goal {
        Goal::Classes(_) => CrossEntropy::default().into(),
        Goal::Numbers(_) => Mse {}.into(),
    }
}
