//! Gradients of scalar functions.

use rosenblatt_tensor::{Result, Tensor};

use super::{constants, fresh, scalar, value, values};
use crate::{Graph, Var, reverse};

/// The gradients `∂f/∂xᵢ` of a scalar function, by reverse mode.
///
/// # Shapes
/// Gradient `i` has the shape and type of argument `i`; of an integer argument it is zeros.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the value of `f` is not a floating-point scalar; a mistake made by `f`.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::grad;
/// let [dx, dy] = grad(|[x, y]| x * (x + y), [&2.0.into(), &1.0.into()])?;
/// assert_eq!((dx.item()?, dy.item()?), (5.0, 2.0));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[track_caller]
pub fn grad<const N: usize, F>(f: F, x: [&Tensor; N]) -> Result<[Tensor; N]>
where
    F: for<'g> Fn([Var<'g>; N]) -> Var<'g>,
{
    Ok(value_and_grad(f, x)?.1)
}

/// The value of a scalar function and its gradients: [`grad`] without computing `f` twice.
///
/// # Errors
/// As [`grad`].
///
/// # Example
/// ```
/// use rosenblatt_autodiff::value_and_grad;
/// let (y, [dx]) = value_and_grad(|[x]| (x * x).sum_all(), [&[3.0f32, 4.0].into()])?;
/// assert_eq!((y.item()?, dx.to_vec::<f32>()?), (25.0, vec![6.0, 8.0]));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[track_caller]
pub fn value_and_grad<const N: usize, F>(f: F, x: [&Tensor; N]) -> Result<(Tensor, [Tensor; N])>
where
    F: for<'g> Fn([Var<'g>; N]) -> Var<'g>,
{
    let graph = Graph::dynamic();
    let x = constants(&graph, x);
    let y = scalar(f(x), "grad");
    let dx = reverse::gradients(y, &x);
    Ok((value(y)?, values(&dx)?))
}

impl<'g> Var<'g> {
    /// The gradient of the scalar function `f` at this value, to be used, differentiated and compiled like any other.
    ///
    /// `f` may use other values of the graph: they count as constants, this value too.
    /// If the value of `f` is not a floating-point scalar, the gradient is dead.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_autodiff::grad;
    /// let [third] = grad(|[x]| x.grad(|x| x.grad(|x| x * x * x * x)), [&2.0.into()])?;
    /// assert_eq!(third.item()?, 48.0);
    /// // d/dx (x · d/dy (x + y)), y = x: the inner derivative is that by y alone.
    /// let [one] = grad(|[x]| x * x.grad(|y| x + y), [&1.0.into()])?;
    /// assert_eq!(one.item()?, 1.0);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn grad(self, f: impl FnOnce(Self) -> Self) -> Self {
        let x = fresh(self);
        reverse::gradients(scalar(f(x), "grad"), &[x])[0]
    }
}
