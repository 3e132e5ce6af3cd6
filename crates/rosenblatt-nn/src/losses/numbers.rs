//! What losses of numbers have in common.

use rosenblatt_autodiff::Var;

use crate::Goal;

/// One output for each number of the goal.
pub(super) fn outputs(goal: Goal) -> Option<usize> {
    match goal {
        Goal::Numbers(numbers) => Some(numbers),
        Goal::Classes(_) => None,
    }
}

/// The mean over the numbers of a row of `loss(prediction − target)`, which is element-wise.
///
/// # Shapes
/// - `prediction`: `[batch, numbers]`
/// - `targets`: `[batch, numbers]`, or `[batch]` if there is one number
/// - returns `[batch]`
pub(super) fn mean_over_numbers<'g>(
    prediction: Var<'g>,
    targets: Var<'g>,
    loss: impl FnOnce(Var<'g>) -> Var<'g>,
) -> Var<'g> {
    let shape = prediction.shape();
    let losses = loss(prediction - targets.reshape(&shape));
    match *shape {
        [rows, 1] => losses.reshape(&[rows]),
        _ => losses.mean(&[-1], false),
    }
}
