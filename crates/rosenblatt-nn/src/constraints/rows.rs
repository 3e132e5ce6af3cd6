//! Norms of the rows of a parameter.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::DType;

/// The Euclidean norm of each output's numbers, in f64: over all axes but the first of `[outputs, …]`, or of a whole
/// vector; a scalar is its own row.
///
/// # Shapes
/// - returns as many axes as `theta`, those of a row of size 1
pub(super) fn norms(theta: Var<'_>) -> Var<'_> {
    let rank = theta.shape().rank() as isize;
    let axes: Vec<isize> = if rank <= 1 {
        (0..rank).collect()
    } else {
        (1..rank).collect()
    };
    let theta = theta.cast(DType::F64);
    (theta * theta).sum(&axes, true).sqrt()
}
