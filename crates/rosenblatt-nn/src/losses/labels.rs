//! What losses of binary labels under one output each have in common.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{DType, Error, Result};

use super::aligned;
use crate::TargetKind;

/// One output for two classes.
pub(super) fn outputs(target_kind: TargetKind) -> Option<usize> {
    match target_kind {
        TargetKind::Classes(2) => Some(1),
        TargetKind::Classes(_) | TargetKind::Values(_) => None,
    }
}

/// `loss(outputs, targets)`, which is element-wise, of each label; of several labels in a row the mean.
///
/// # Shapes
/// - `prediction`: `[batch, 1]`, or `[batch, labels]`; a time axis may follow the batch
/// - `targets`: as `prediction`; without the last axis if it is 1
/// - returns `[batch]`, or `[batch, time]`
pub(super) fn mean_over_labels<'g>(
    prediction: Var<'g>,
    targets: Var<'g>,
    loss: impl FnOnce(Var<'g>, Var<'g>) -> Var<'g>,
) -> Var<'g> {
    let shape = prediction.shape();
    let single = match *shape {
        [ref leading @ .., 1] if !leading.is_empty() => leading,
        _ => &shape[..],
    };
    let losses = loss(prediction.reshape(single), aligned(targets, single));
    match *single {
        _ if single.len() < shape.len() => losses,
        [] | [_] => losses,
        _ => losses.mean(&[-1], false),
    }
}

/// `loss(t · y)`, where `y` is the output and `t` is 1 for class 1 and −1 for class 0.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for targets that are probabilities: a margin has one class.
pub(super) fn of_margins<'g>(prediction: Var<'g>, targets: Var<'g>, loss: impl FnOnce(Var<'g>) -> Var<'g>) -> Var<'g> {
    if let Err(error) = check_classes(targets) {
        return prediction.fail(error);
    }
    mean_over_labels(prediction, targets, |y, class| {
        loss((class.cast(y.dtype()) * 2.0 - 1.0) * y)
    })
}

/// Whether a number is a label, or the probability of one.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] if it is outside `[0, 1]`.
pub(super) fn check_label(loss: &str, target: f64) -> Result<()> {
    if (0.0..=1.0).contains(&target) {
        return Ok(());
    }
    Err(Error::data(format!(
        "the loss `{loss}` needs labels 0 and 1, got {target}"
    )))
}

/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for targets that are probabilities.
pub(super) fn check_classes(targets: Var<'_>) -> Result<()> {
    if !targets.dtype().is_float() {
        return Ok(());
    }
    let message = format!("expected integer classes 0 and 1, got {:?}", targets.ty());
    Err(Error::shape(message).within("targets"))
}

/// The least exponent whose power, multiplied by others down to `e^least`, is a normal number.
pub(super) fn least_exponent(dtype: DType) -> f64 {
    if dtype == DType::F64 { -623.0 } else { -69.0 }
}

/// `ln(1 + eˣ)`, whose power is never subnormal.
pub(super) fn softplus(x: Var<'_>) -> Var<'_> {
    let zero = x.full_like(0.0);
    let positive = x.gt(zero);
    // The upper bound is never reached; at 0, where it is not needed, it must not stop the gradient.
    let power = positive.select(-x, x).clamp(least_exponent(x.dtype()), 1.0).exp();
    positive.select(x, zero) + power.ln_1p()
}
