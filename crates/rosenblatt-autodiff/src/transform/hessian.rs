//! Second derivatives of scalar functions.

use rosenblatt_tensor::{Result, Tensor};

use super::{constants, fresh, jacobian_of, scalar, value, values};
use crate::{Graph, Var, forward, reverse};

/// The Hessian `∂²f/∂xᵢ∂xⱼ` of a scalar function of one argument, by forward over reverse mode.
///
/// # Shapes
/// The axes of `x` twice: `[x…, x…]`.
///
/// # Cost
/// One sweep over the gradient for each element of `x`. For a product with a vector use [`hvp`].
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the value of `f` is not a floating-point scalar; a mistake made by `f`.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::hessian;
/// let h = hessian(|x| x.at(0) * x.at(0) * x.at(1), &[1.0, 2.0].into())?;
/// assert_eq!((h.shape().to_vec(), h.to_f64()), (vec![2, 2], vec![4.0, 2.0, 2.0, 0.0]));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[track_caller]
pub fn hessian<F>(f: F, x: &Tensor) -> Result<Tensor>
where
    F: for<'g> Fn(Var<'g>) -> Var<'g>,
{
    let graph = Graph::dynamic();
    let x = graph.constant(x.clone());
    value(hessian_of(f(x), x))
}

/// The Hessian of the scalar node `y` with respect to the node `x`, of the same graph: `[x…, x…]`.
///
/// Dead if `y` is not a floating-point scalar.
#[must_use]
#[track_caller]
pub fn hessian_of<'g>(y: Var<'g>, x: Var<'g>) -> Var<'g> {
    jacobian_of(reverse::gradients(scalar(y, "hessian"), &[x])[0], x)
}

/// The Hessian of a scalar function times the vector `v`: `Σⱼ ∂²f/∂xᵢ∂xⱼ vⱼ` for each argument, by forward over reverse
/// mode.
///
/// # Shapes
/// Vector `i` and result `i` have the shape and type of argument `i`.
///
/// # Cost
/// About twice that of the gradient; the Hessian is never formed.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the value of `f` is not a floating-point scalar, or a vector has another
/// shape or type than its argument; a mistake made by `f`.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::hvp;
/// let [h] = hvp(|[x]| (x * x * x).sum_all(), [&[1.0, 2.0].into()], [&[1.0, 1.0].into()])?;
/// assert_eq!(h.to_f64(), [6.0, 12.0]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[track_caller]
pub fn hvp<const N: usize, F>(f: F, x: [&Tensor; N], v: [&Tensor; N]) -> Result<[Tensor; N]>
where
    F: for<'g> Fn([Var<'g>; N]) -> Var<'g>,
{
    let graph = Graph::dynamic();
    let (x, v) = (constants(&graph, x), constants(&graph, v));
    let gradients = reverse::gradients(scalar(f(x), "hvp"), &x);
    values(&forward::jvp(&gradients, &x, &v))
}

impl<'g> Var<'g> {
    /// The Hessian of the scalar function `f` at this value: `[x…, x…]`.
    ///
    /// `f` may use other values of the graph: they count as constants, this value too.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_autodiff::Graph;
    /// let graph = Graph::dynamic();
    /// let x = graph.constant([1.0, 2.0].into());
    /// let h = x.hessian(|y| (x * y * y).sum_all());
    /// assert_eq!(h.value()?.to_f64(), [2.0, 0.0, 0.0, 4.0]);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn hessian(self, f: impl FnOnce(Self) -> Self) -> Self {
        let x = fresh(self);
        hessian_of(f(x), x)
    }
}
