//! Functions of arrays and their derivatives: `grad(|[x, y]| …, [&a, &b])`.
//!
//! | verb | computes | sweeps over the function |
//! |---|---|---|
//! | [`eval`] | `f(x)` | 1 |
//! | [`grad`], [`value_and_grad`] | `∂f/∂xᵢ` of a scalar `f` | 1 forward, 1 reverse |
//! | [`jvp`] | `f(x)` and `J v` | 1, with tangents |
//! | [`vjp`] | `f(x)` and `uᵀ J` | 1 forward, 1 reverse |
//! | [`jacobian`] | `J` | as many as `x` or `f(x)` has elements, whichever has fewer |
//! | [`hessian`] | `∂²f/∂x²` of a scalar `f` | as many as `x` has elements |
//! | [`hvp`] | `∂²f/∂x² v` | 1 forward, 1 reverse, both with tangents |
//! | [`jit()`] | `f(x)`, compiled once for each types of its arguments | 1 |
//!
//! The function gets values of a graph ([`Var`]) and returns one; it runs in f32 or f64, as its arguments are. The graph
//! is freed when the verb returns. Constants are made on the graph of an argument: `x.graph().constant(table.clone())`.
//!
//! **Inside** a function the same verbs are methods of [`Var`], to any order, and may use any other value of the graph:
//! `x.grad(|y| x + y)`. They differentiate with respect to a node of their own, so nested derivatives are never confused
//! ("perturbation confusion"): `d/dx (x · d/dy (x + y))` is 1. With the functions on nodes ([`crate::reverse`],
//! [`crate::forward`]) it depends on which node is meant.
//!
//! **A closure in a variable** must be marked with [`function`]; written as an argument it needs no mark.
//!
//! Mistakes are returned with the line of the caller: of the operation that does not fit, or of the verb.
//!
//! # Example
//! ```
//! use rosenblatt_autodiff::{grad, hessian};
//! use rosenblatt_tensor::Tensor;
//!
//! let [dx, dy] = grad(|[x, y]| x * (3.0 * x * x.maximum(y)).exp(), [&2.0.into(), &1.0.into()])?;
//! assert!((dx.item()? / 4068869.785475098 - 1.0).abs() < 1e-12 && dy.item()? == 0.0);
//!
//! let x = Tensor::from([1.0, 2.0, 3.0]);
//! let h = hessian(|x| x.at(0) * x.at(1) * x.at(2) + x.at(0) * x.at(0) * x.at(1), &x)?;
//! assert_eq!(h.to_vec::<f64>()?, [4.0, 5.0, 2.0, 5.0, 0.0, 1.0, 2.0, 1.0, 0.0]);
//!
//! let [third] = grad(|[x]| x.grad(|x| x.grad(|x| x * x * x * x)), [&2.0.into()])?;
//! assert_eq!(third.item()?, 48.0);
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```

mod grad;
mod hessian;
mod jacobian;
mod jit;
mod jvp;
mod vjp;

pub use grad::{grad, value_and_grad};
pub use hessian::{hessian, hessian_of, hvp};
pub use jacobian::{jacobian, jacobian_of};
pub use jit::{Jit, jit};
pub use jvp::jvp;
pub use vjp::vjp;

use rosenblatt_tensor::{Error, Result, Tensor};

use crate::{Graph, Var};

/// `f(x)`, computed at once.
///
/// # Errors
/// A mistake made by `f`, with its line; [`rosenblatt_tensor::ErrorKind::Data`] if an index is out of range.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::eval;
/// use rosenblatt_tensor::Tensor;
/// let (w, s) = (Tensor::from([[0.0, 1.0], [1.0, 0.0]]), Tensor::from([[1.0], [-1.0]]));
/// assert_eq!(eval(|[w, s]| w.matmul(s), [&w, &s])?.to_vec::<f64>()?, [-1.0, 1.0]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[track_caller]
pub fn eval<const N: usize, F>(f: F, x: [&Tensor; N]) -> Result<Tensor>
where
    F: for<'g> Fn([Var<'g>; N]) -> Var<'g>,
{
    let graph = Graph::dynamic();
    value(f(constants(&graph, x)))
}

/// A closure in a variable, for the verbs of [this module](self): `let f = function(|[x, y]| …)`.
///
/// It returns `f` as it is. Without it Rust gives a closure that is not written as an argument one lifetime for its
/// values instead of any, and says "implementation of `Fn` is not general enough".
///
/// # Example
/// ```
/// use rosenblatt_autodiff::{eval, function, grad, hessian};
/// let f = function(|[x]| (x * x).sum_all());
/// let x = [1.0, 2.0].into();
/// assert_eq!(eval(f, [&x])?.item()?, 5.0);
/// assert_eq!(grad(f, [&x])?[0].to_f64(), [2.0, 4.0]);
/// assert_eq!(hessian(|x| f([x]), &x)?.to_f64(), [2.0, 0.0, 0.0, 2.0]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn function<const N: usize, F>(f: F) -> F
where
    F: for<'g> Fn([Var<'g>; N]) -> Var<'g>,
{
    f
}

fn constants<'g, const N: usize>(graph: &'g Graph, x: [&Tensor; N]) -> [Var<'g>; N] {
    x.map(|x| graph.constant(x.clone()))
}

/// The value of a function's result; a mistake counts even if the result does not depend on it.
#[track_caller]
fn value(y: Var<'_>) -> Result<Tensor> {
    match y.graph().error() {
        Some(error) => Err(error),
        None => y.value(),
    }
}

/// As [`value`], one for each argument.
fn values<const N: usize>(y: &[Var<'_>]) -> Result<[Tensor; N]> {
    let values: Vec<Tensor> = y.iter().map(|&y| value(y)).collect::<Result<_>>()?;
    values
        .try_into()
        .map_err(|_| Error::internal("as many derivatives as arguments"))
}

/// The same value as a node of its own: what a derivative is taken with respect to, whatever else `x` is used for.
#[track_caller]
fn fresh(x: Var<'_>) -> Var<'_> {
    let axes: Vec<usize> = (0..x.rank()).collect();
    x.permute(&axes)
}

/// `y` if it is a floating-point scalar, else dead.
#[track_caller]
fn scalar<'g>(y: Var<'g>, verb: &str) -> Var<'g> {
    if y.error().is_some() || y.dtype().is_float() && y.shape().elements() == 1 {
        return y;
    }
    let error = Error::shape(format!("expected a function whose value is a scalar, got {:?}", y.ty()));
    y.fail(
        error
            .within(verb)
            .hint("reduce it with `sum_all` or `mean_all`, or use `jacobian`"),
    )
}
