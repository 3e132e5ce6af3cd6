//! What losses of numbers have in common.

use rosenblatt_autodiff::Var;

use super::aligned;
use crate::TargetKind;

/// One output for each number of the target.
pub(super) fn outputs(target_kind: TargetKind) -> Option<usize> {
    match target_kind {
        TargetKind::Values(numbers) => Some(numbers),
        TargetKind::Classes(_) => None,
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
