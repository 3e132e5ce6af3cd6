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
    mean_of_pairs(prediction, targets, |prediction, target| loss(prediction - target))
}

/// As [`mean_over_numbers`], of `loss(prediction, target)`.
pub(super) fn mean_of_pairs<'g>(
    prediction: Var<'g>,
    targets: Var<'g>,
    loss: impl FnOnce(Var<'g>, Var<'g>) -> Var<'g>,
) -> Var<'g> {
    reduced(prediction, targets, loss, |losses| losses.mean(&[-1], false))
}

/// As [`mean_over_numbers`], but the sum.
pub(super) fn sum_over_numbers<'g>(
    prediction: Var<'g>,
    targets: Var<'g>,
    loss: impl FnOnce(Var<'g>) -> Var<'g>,
) -> Var<'g> {
    let of_error = |prediction, target| loss(prediction - target);
    reduced(prediction, targets, of_error, |losses| losses.sum(&[-1], false))
}

fn reduced<'g>(
    prediction: Var<'g>,
    targets: Var<'g>,
    loss: impl FnOnce(Var<'g>, Var<'g>) -> Var<'g>,
    reduce: impl FnOnce(Var<'g>) -> Var<'g>,
) -> Var<'g> {
    let shape = prediction.shape();
    let losses = loss(prediction, aligned(targets, &shape));
    match *shape {
        [] | [_] => losses,
        [ref leading @ .., 1] => losses.reshape(leading),
        _ => reduce(losses),
    }
}
