//! Derivatives along directions, by forward mode.

use rosenblatt_tensor::{Result, Tensor};

use super::{constants, fresh, value};
use crate::{Graph, Var, forward};

/// `f(x)` and its derivative along the directions `v`, `Σ ∂f/∂xᵢ vᵢ`: the Jacobian times a vector, by forward mode.
///
/// # Shapes
/// Direction `i` has the shape and type of argument `i`; the derivative has those of `f(x)`.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if a direction has another shape or type than its argument; a mistake made by
/// `f`.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::jvp;
/// let (y, dy) = jvp(|[x]| x * x, [&[1.0, 2.0].into()], [&[1.0, 10.0].into()])?;
/// assert_eq!((y.to_f64(), dy.to_f64()), (vec![1.0, 4.0], vec![2.0, 40.0]));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[track_caller]
pub fn jvp<const N: usize, F>(f: F, x: [&Tensor; N], v: [&Tensor; N]) -> Result<(Tensor, Tensor)>
where
    F: for<'g> Fn([Var<'g>; N]) -> Var<'g>,
{
    let graph = Graph::dynamic();
    let (x, v) = (constants(&graph, x), constants(&graph, v));
    let y = f(x);
    let dy = forward::jvp(&[y], &x, &v)[0];
    Ok((value(y)?, value(dy)?))
}

impl<'g> Var<'g> {
    /// `f` at this value, and its derivative along the direction `v`.
    ///
    /// `f` may use other values of the graph: they count as constants, this value too. If `v` has another shape or type
    /// than this value, the derivative is dead.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_autodiff::grad;
    /// // The derivative of x³ along 1 is 3x², and the gradient of that 6x.
    /// let [second] = grad(|[x]| x.jvp(|x| x * x * x, x.full_like(1.0)).1, [&2.0.into()])?;
    /// assert_eq!(second.item()?, 12.0);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn jvp(self, f: impl FnOnce(Self) -> Self, v: Self) -> (Self, Self) {
        let x = fresh(self);
        let y = f(x);
        (y, forward::jvp(&[y], &[x], &[v])[0])
    }
}
