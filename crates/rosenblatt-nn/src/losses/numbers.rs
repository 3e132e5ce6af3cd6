//! What losses of numbers have in common.

use rosenblatt_autodiff::Var;

use super::aligned;
use crate::Goal;

/// One output for each number of the goal.
pub(super) fn outputs(goal: Goal) -> Option<usize> {
    match goal {
        Goal::Numbers(numbers) => Some(numbers),
        Goal::Classes(_) => None,
    }
}

/// The mean over the last axis of `loss(prediction − target)`, which is element-wise.
///
/// # Shapes
/// - `prediction`: `[batch, numbers]`, or `[batch, time, numbers]`, or `[batch]` of one number
/// - `targets`: as `prediction`; without the last axis if there is one number
/// - returns `[batch]`, or `[batch, time]`
pub(super) fn mean_over_numbers<'g>(
    prediction: Var<'g>,
    targets: Var<'g>,
    loss: impl FnOnce(Var<'g>) -> Var<'g>,
) -> Var<'g> {
    let shape = prediction.shape();
    let losses = loss(prediction - aligned(targets, &shape));
    match *shape {
        [] | [_] => losses,
        [ref leading @ .., 1] => losses.reshape(leading),
        _ => losses.mean(&[-1], false),
    }
}
