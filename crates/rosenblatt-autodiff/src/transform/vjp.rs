//! Vectors times Jacobians, by reverse mode.

use rosenblatt_tensor::{Result, Tensor};

use super::{constants, fresh, value, values};
use crate::{Graph, Var, reverse};

/// `f(x)` and the vector `u` times its Jacobian, `Σ uⱼ ∂fⱼ/∂xᵢ` for each argument, by reverse mode.
///
/// # Shapes
/// `u` has the shape and type of `f(x)`; result `i` has those of argument `i`; of an integer argument it is zeros.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if `u` has another shape or type than `f(x)`; a mistake made by `f`.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::vjp;
/// let (y, [dx]) = vjp(|[x]| x * x, [&[1.0, 2.0].into()], &[1.0, 10.0].into())?;
/// assert_eq!((y.to_f64(), dx.to_f64()), (vec![1.0, 4.0], vec![2.0, 40.0]));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[track_caller]
pub fn vjp<const N: usize, F>(f: F, x: [&Tensor; N], u: &Tensor) -> Result<(Tensor, [Tensor; N])>
where
    F: for<'g> Fn([Var<'g>; N]) -> Var<'g>,
{
    let graph = Graph::dynamic();
    let x = constants(&graph, x);
    let y = f(x);
    let dx = reverse::vjp(y, graph.constant(u.clone()), &x);
    Ok((value(y)?, values(&dx)?))
}

impl<'g> Var<'g> {
    /// `f` at this value, and the vector `u` times its Jacobian there.
    ///
    /// `f` may use other values of the graph: they count as constants, this value too. If `u` has another shape or type
    /// than the value of `f`, the product is dead.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_autodiff::Graph;
    /// let graph = Graph::dynamic();
    /// let x = graph.constant([1.0, 2.0].into());
    /// let (y, dx) = x.vjp(|x| x * x, graph.constant([1.0, 10.0].into()));
    /// assert_eq!((y.value()?.to_f64(), dx.value()?.to_f64()), (vec![1.0, 4.0], vec![2.0, 40.0]));
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn vjp(self, f: impl FnOnce(Self) -> Self, u: Self) -> (Self, Self) {
        let x = fresh(self);
        let y = f(x);
        (y, reverse::vjp(y, u, &[x])[0])
    }
}
