//! What layers that merge several inputs have in common.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Error;

use crate::Scope;

/// The first input.
///
/// Without one, the mistake is recorded and there is nothing to go on with but its result.
pub(super) fn first<'g, 'x>(scope: &Scope<'g>, xs: &'x [Var<'g>]) -> Result<(Var<'g>, &'x [Var<'g>]), Var<'g>> {
    match xs.split_first() {
        Some((&first, others)) => Ok((first, others)),
        None => Err(scope.fail(Error::shape("expected at least one input, got none"))),
    }
}

/// All inputs, which must have one rank, joined two by two from the first one on.
pub(super) fn fold<'g>(scope: &Scope<'g>, xs: &[Var<'g>], join: impl Fn(Var<'g>, Var<'g>) -> Var<'g>) -> Var<'g> {
    let (first, others) = match first(scope, xs) {
        Ok(inputs) => inputs,
        Err(failed) => return failed,
    };
    if others.iter().any(|x| x.shape().rank() != first.shape().rank()) {
        let shapes: Vec<_> = xs.iter().map(|x| x.shape()).collect();
        return scope.fail(Error::shape(format!("expected inputs of equal rank, got {shapes:?}")));
    }
    others.iter().fold(first, |joined, &x| join(joined, x))
}
