//! What losses of scores of classes have in common.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{DType, Error};

use crate::TargetKind;

/// One output for each class.
pub(super) fn outputs(target_kind: TargetKind) -> Option<usize> {
    match target_kind {
        TargetKind::Classes(classes) => Some(classes),
        TargetKind::Values(_) => None,
    }
}

/// `loss(scores, classes)` of `[examples, classes]` and `[examples]`, where a time axis is one of the examples.
///
/// # Shapes
/// - `scores`: `[batch, classes]`, or `[batch, time, classes]`
/// - `targets`: integer classes, `[batch]`, or `[batch, time]`
/// - returns `[batch]`, or `[batch, time]`
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for other targets.
pub(super) fn of_classes<'g>(
    scores: Var<'g>,
    targets: Var<'g>,
    loss: impl FnOnce(Var<'g>, Var<'g>) -> Var<'g>,
) -> Var<'g> {
    let (shape, given) = (scores.shape(), targets.shape());
    match *shape {
        [ref leading @ .., classes] if *leading == given[..] && targets.dtype() == DType::I64 => {
            let examples = leading.iter().product();
            loss(scores.reshape(&[examples, classes]), targets.reshape(&[examples])).reshape(leading)
        }
        _ => {
            let message = format!(
                "expected an integer class for each row of {shape:?}, got {:?}",
                targets.ty()
            );
            scores.fail(Error::shape(message).within("targets"))
        }
    }
}

/// By how much each class violates the margin of 1 to the class of the row; 0 for that class itself.
///
/// `v_ij = max(0, y_ij − y_i[t_i] + 1)` for `j ≠ t_i`
///
/// # Shapes
/// - `scores`: `[examples, classes]`; `classes`: `[examples]`
/// - returns `[examples, classes]`
pub(super) fn violations<'g>(scores: Var<'g>, classes: Var<'g>) -> Var<'g> {
    let [examples, count] = *scores.shape() else {
        return scores;
    };
    let own = classes.one_hot(count, DType::Bool);
    let target = scores.take_along_axis(classes).reshape(&[examples, 1]);
    let margins = scores - target + 1.0;
    own.select(margins.full_like(0.0), margins).relu()
}
