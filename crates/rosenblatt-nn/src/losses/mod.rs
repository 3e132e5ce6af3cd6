//! Losses: what training minimizes.
//!
//! To add one: write `losses/<name>.rs`, then add its lines here; the rest is the card in CONTRIBUTING.md.

mod bce_with_logits;
mod binary_focal;
mod classes;
mod crammer_singer;
mod cross_entropy;
mod focal;
mod gamma;
mod half_squared_error;
mod hinge;
mod huber;
mod labels;
mod mae;
mod mse;
mod multi_class_hinge;
mod numbers;
mod perceptron;
mod poisson;
mod quantile;

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};

use crate::entry::{Configurable, registry};
use crate::{Entry, Link, Registration, TargetKind};

pub use bce_with_logits::BceWithLogits;
pub use binary_focal::BinaryFocal;
pub use crammer_singer::CrammerSinger;
pub use cross_entropy::CrossEntropy;
pub use focal::Focal;
pub use gamma::Gamma;
pub use half_squared_error::HalfSquaredError;
pub use hinge::Hinge;
pub use huber::Huber;
pub use mae::Mae;
pub use mse::Mse;
pub use multi_class_hinge::MultiClassHinge;
pub use perceptron::Perceptron;
pub use poisson::Poisson;
pub use quantile::Quantile;

/// A number for each example that says how wrong its prediction is.
pub trait Loss: Configurable {
    /// How many numbers the network must output for a row; `None` if the loss is not for this kind of target.
    ///
    /// For numbers the output, after the [`Loss::link`], is the prediction: metrics and `predict` only scale it back to the units of
    /// the target. One for two classes is the logit or score of the second class, and that of the first is 0.
    fn outputs(&self, target_kind: TargetKind) -> Option<usize>;

    /// The function between what this loss takes and what is predicted: softmax if it takes logits of classes, for
    /// example. A loss of classes without a link takes scores: the largest is the predicted class, and nothing is a probability.
    fn link(&self) -> Link {
        Link::None
    }

    /// Whether a number, or the index of a class, can be the target of this loss.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if it is outside the range of the loss.
    fn check_target(&self, _target: f64) -> Result<()> {
        Ok(())
    }

    /// The integer class whose examples, or time steps, do not count: [`Loss::per_example`] gives them 0, and who divides by the number
    /// of losses leaves them out.
    fn ignore_index(&self) -> Option<i64> {
        None
    }

    /// One loss for each example; for sequences one for each time step, so that weights can mask some of them.
    ///
    /// # Shapes
    /// - `prediction`: `[batch, outputs]`, or `[batch, time, outputs]`
    /// - `targets`: as [`TargetKind`] says; an input of the plan, never a constant in it
    /// - returns `[batch]`, or `[batch, time]`
    fn per_example<'g>(&self, prediction: Var<'g>, targets: Var<'g>) -> Var<'g>;

    /// The loss of a batch, or its part of the loss of a larger one.
    ///
    /// `loss = Σᵢ lossᵢ / divisor`
    ///
    /// # Shapes
    /// - `divisor`: a scalar, how many losses the whole batch has; an input of the plan
    /// - returns a scalar
    ///
    /// # Numerics
    /// The sum has 16 lanes and a fixed tree, so its bits do not depend on threads.
    fn mean<'g>(&self, prediction: Var<'g>, targets: Var<'g>, divisor: Var<'g>) -> Var<'g> {
        total(self.per_example(prediction, targets)) / divisor
    }

    /// The loss of a batch whose examples have weights: a mask has weights 0 and 1.
    ///
    /// `loss = Σᵢ weightᵢ · lossᵢ / divisor`
    ///
    /// # Shapes
    /// - `weights`: as [`Loss::per_example`] returns, not negative
    /// - `divisor`: a scalar, the sum of the weights of the whole batch; an input of the plan
    /// - returns a scalar
    fn weighted_mean<'g>(&self, prediction: Var<'g>, targets: Var<'g>, weights: Var<'g>, divisor: Var<'g>) -> Var<'g> {
        let losses = self.per_example(prediction, targets);
        if losses.shape() != weights.shape() {
            let message = format!(
                "expected a weight for each loss, {:?}, got {:?}",
                losses.shape(),
                weights.shape()
            );
            return losses.fail(Error::shape(message).within("weights"));
        }
        total(losses * weights) / divisor
    }
}

/// The sum over all axes.
fn total(losses: Var<'_>) -> Var<'_> {
    losses.reshape(&[losses.shape().elements()]).sum(&[0], false)
}

/// The targets under the shape of what they are compared with; they may lack a last axis of size 1, or have one more.
fn aligned<'g>(targets: Var<'g>, shape: &[usize]) -> Var<'g> {
    let given = targets.shape();
    if *shape == given[..] || [&given[..], &[1]].concat() == shape || [shape, &[1]].concat() == given[..] {
        return targets.reshape(shape);
    }
    let message = format!("expected targets {shape:?}, as the predictions, got {given:?}");
    targets.fail(Error::shape(message).within("targets"))
}

/// Every loss, in alphabetical order.
pub static LOSSES: &[Registration<dyn Loss>] = &[
    Registration::<dyn Loss>::of::<BceWithLogits>(),
    Registration::<dyn Loss>::of::<BinaryFocal>(),
    Registration::<dyn Loss>::of::<CrammerSinger>(),
    Registration::<dyn Loss>::of::<CrossEntropy>(),
    Registration::<dyn Loss>::of::<Focal>(),
    Registration::<dyn Loss>::of::<Gamma>(),
    Registration::<dyn Loss>::of::<HalfSquaredError>(),
    Registration::<dyn Loss>::of::<Hinge>(),
    Registration::<dyn Loss>::of::<Huber>(),
    Registration::<dyn Loss>::of::<Mae>(),
    Registration::<dyn Loss>::of::<Mse>(),
    Registration::<dyn Loss>::of::<MultiClassHinge>(),
    Registration::<dyn Loss>::of::<Perceptron>(),
    Registration::<dyn Loss>::of::<Poisson>(),
    Registration::<dyn Loss>::of::<Quantile>(),
];

registry!(Loss, "loss", LOSSES);

/// The default loss for a kind of target.
#[must_use]
pub fn usual(target_kind: TargetKind) -> Entry<dyn Loss> {
    match target_kind {
        TargetKind::Classes(_) => CrossEntropy::default().into(),
        TargetKind::Values(_) => Mse {}.into(),
    }
}
