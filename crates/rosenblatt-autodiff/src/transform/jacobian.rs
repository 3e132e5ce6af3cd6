//! Jacobians.

use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor};

use super::{fresh, value};
use crate::reverse::{self, dead};
use crate::{Graph, Var, forward};

/// The Jacobian `∂fⱼ/∂xᵢ` of a function of one argument.
///
/// # Shapes
/// `x` and `f(x)` of any shape: the result has the axes of `f(x)`, then those of `x`.
///
/// # Cost
/// One forward sweep for each element of `x`, or one reverse sweep for each of `f(x)`, whichever are fewer.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if `x` or `f(x)` is not floating point, or the result has too many axes; a
/// mistake made by `f`.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::jacobian;
/// let j = jacobian(|x| x * x.at(0), &[1.0, 2.0, 3.0].into())?;
/// assert_eq!(*j.shape(), [3, 3]);
/// assert_eq!(j.to_f64(), [2.0, 0.0, 0.0, 2.0, 1.0, 0.0, 3.0, 0.0, 1.0]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[track_caller]
pub fn jacobian<F>(f: F, x: &Tensor) -> Result<Tensor>
where
    F: for<'g> Fn(Var<'g>) -> Var<'g>,
{
    let graph = Graph::dynamic();
    let x = graph.constant(x.clone());
    value(jacobian_of(f(x), x))
}

/// The Jacobian of the node `y` with respect to the node `x`, of the same graph: `[y…, x…]`.
///
/// Dead if one of them is not floating point, or the result has too many axes.
#[must_use]
#[track_caller]
pub fn jacobian_of<'g>(y: Var<'g>, x: Var<'g>) -> Var<'g> {
    if let Some(dead) = dead(y, &[&[x]]) {
        return dead;
    }
    if !(y.dtype().is_float() && x.dtype().is_float()) {
        let message = format!("expected floating-point values, got {:?} of {:?}", y.ty(), x.ty());
        return y.fail(Error::shape(message).within("jacobian"));
    }
    let shape = match Shape::new(&[&y.shape()[..], &x.shape()[..]].concat()) {
        Ok(shape) => shape,
        Err(error) => return y.fail(error.within("jacobian")),
    };
    let (rows, columns) = (y.shape().elements(), x.shape().elements());
    if shape.elements() == 0 {
        return y.graph().constant(Tensor::zeros(x.dtype(), shape));
    }
    let unit = |z: Var<'g>, i| z.graph().constant(unit(z.dtype(), &z.shape(), i));
    // Forward mode where it costs less, and where it costs the same: it needs less memory.
    let mut parts = Vec::new();
    if columns <= rows && x.dtype() == y.dtype() {
        for i in 0..columns {
            parts.push(forward::jvp(&[y], &[x], &[unit(x, i)])[0].reshape(&[rows, 1]));
        }
        return parts[0].concat(&parts[1..], 1).reshape(&shape);
    }
    for i in 0..rows {
        parts.push(reverse::vjp(y, unit(y, i), &[x])[0].reshape(&[1, columns]));
    }
    parts[0].concat(&parts[1..], 0).reshape(&shape)
}

/// Zeros, and 1 at the element with row-major number `i`.
fn unit(dtype: DType, shape: &Shape, i: usize) -> Tensor {
    let one = |at: usize| f64::from(u8::from(at == i));
    let values = (0..shape.elements()).map(one);
    let unit = match dtype {
        DType::F32 => Tensor::new(values.map(|x| x as f32).collect(), shape),
        DType::F64 => Tensor::new(values.collect::<Vec<f64>>(), shape),
        DType::U8 | DType::I64 | DType::Bool => Err(Error::internal("a derivative of whole numbers")),
    };
    unit.unwrap_or_else(|_| Tensor::zeros(dtype, *shape))
}

impl<'g> Var<'g> {
    /// The Jacobian of `f` at this value: `[f(x)…, x…]`.
    ///
    /// `f` may use other values of the graph: they count as constants, this value too.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_autodiff::eval;
    /// // Newton's step for f(x) = x² − [4, 9], whose Jacobian is diagonal.
    /// let step = eval(|[x, y]| (x * x - y) / x.jacobian(|x| x * x).sum(&[1], false), [&[2.5, 2.5].into(), &[4.0, 9.0].into()])?;
    /// assert_eq!(step.to_f64(), [0.45, -0.55]);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn jacobian(self, f: impl FnOnce(Self) -> Self) -> Self {
        let x = fresh(self);
        jacobian_of(f(x), x)
    }
}
