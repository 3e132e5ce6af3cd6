//! What gated linear units have in common.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Error;

use crate::Scope;

/// `a · gate(b)`, where `a` is the first half of the features of `x` and `b` the second.
pub(super) fn gated<'g>(scope: &Scope<'g>, x: Var<'g>, gate: fn(Var<'g>) -> Var<'g>) -> Var<'g> {
    let features = x.shape().last().copied();
    match features {
        Some(features) if features % 2 == 0 => {
            let half = features / 2;
            x.slice(-1, 0, half) * gate(x.slice(-1, half, features))
        }
        _ => scope.fail(Error::shape(format!(
            "expected an even number of features, two for each output, got {:?}",
            x.shape()
        ))),
    }
}
