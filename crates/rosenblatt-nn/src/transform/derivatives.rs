//! Derivatives with respect to parameters.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, Type, Var, forward, jacobian_of, reverse};
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{Error, Result, Tensor};

use super::{Params, Traced, constants, named};
use crate::Scope;

/// The gradients `∂f/∂θ` of a scalar function, by the name of the parameter.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the value of `f` is not a scalar; as [`super::apply`].
#[track_caller]
pub fn grad_params<const N: usize, F>(f: F, params: &Params, xs: [&Tensor; N]) -> Result<Params>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    Ok(value_and_grad_params(f, params, xs)?.1)
}

/// The value of a scalar function and its gradients: [`grad_params`] without computing `f` twice.
///
/// # Errors
/// As [`grad_params`].
#[track_caller]
pub fn value_and_grad_params<const N: usize, F>(f: F, params: &Params, xs: [&Tensor; N]) -> Result<(Tensor, Params)>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    let graph = Graph::dynamic();
    let traced = Traced::new(&f, &graph, params, constants(&graph, xs))?;
    let (names, theta) = traced.parameters();
    let gradients = reverse::gradients(traced.y, &theta);
    Ok((traced.y.value()?, named(names, &gradients)?))
}

/// `f(θ, x)` and its derivative along the directions `dxs` of the inputs, parameters fixed: the Jacobian times a vector.
///
/// # Shapes
/// Direction `i` has the shape and type of input `i`; the derivative has those of `f(θ, x)`.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if a direction does not fit its input; as [`super::apply`].
#[track_caller]
pub fn jvp_apply<const N: usize, F>(
    f: F,
    params: &Params,
    xs: [&Tensor; N],
    dxs: [&Tensor; N],
) -> Result<(Tensor, Tensor)>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    let graph = Graph::dynamic();
    let (xs, dxs) = (constants(&graph, xs), constants(&graph, dxs));
    let y = Traced::new(&f, &graph, params, xs)?.y;
    let dy = forward::jvp(&[y], &xs, &dxs)[0];
    Ok((y.value()?, dy.value()?))
}

/// `f(θ, x)` and `uᵀ ∂f/∂θ`, by the name of the parameter: the gradient of the output's product with `u`.
///
/// # Shapes
/// `u` has the shape and type of `f(θ, x)`.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if `u` has others; as [`super::apply`].
#[track_caller]
pub fn vjp_params<const N: usize, F>(f: F, params: &Params, xs: [&Tensor; N], u: &Tensor) -> Result<(Tensor, Params)>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    let graph = Graph::dynamic();
    let traced = Traced::new(&f, &graph, params, constants(&graph, xs))?;
    let (names, theta) = traced.parameters();
    let gradients = reverse::vjp(traced.y, graph.constant(u.clone()), &theta);
    Ok((traced.y.value()?, named(names, &gradients)?))
}

/// The Hessian of a scalar function times a vector, `∂²f/∂θ² v`, by the name of the parameter: forward over reverse mode.
///
/// # Shapes
/// `v` has the names, shapes and types of the parameters, buffers left out or not.
///
/// # Cost
/// About twice that of the gradient; the Hessian is never formed.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if a part of `v` is missing or does not fit its parameter, or the value of `f`
/// is not a scalar; as [`super::apply`].
#[track_caller]
pub fn hvp_params<const N: usize, F>(f: F, params: &Params, xs: [&Tensor; N], v: &Params) -> Result<Params>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    let graph = Graph::dynamic();
    let traced = Traced::new(&f, &graph, params, constants(&graph, xs))?;
    let (names, theta) = traced.parameters();
    if let Some(extra) = v.keys().find(|name| !params.contains_key(*name)) {
        let error = Error::config(format!("the function has no parameter `{extra}`")).within("direction");
        return Err(error.hint(meant(extra, params.keys().map(String::as_str))));
    }
    let direction = |(name, theta): (&String, &Var<'_>)| match v.get(name) {
        Some(part) if Type::of(part) == theta.ty() => Ok(graph.constant(part.clone())),
        Some(part) => {
            let message = format!("`{name}` is {:?}, expected {:?}", Type::of(part), theta.ty());
            Err(Error::shape(message).within("direction"))
        }
        None => Err(Error::shape(format!("there is no `{name}`")).within("direction")),
    };
    let direction: Vec<_> = names.iter().zip(&theta).map(direction).collect::<Result<_>>()?;
    let gradients = reverse::gradients(traced.y, &theta);
    named(names, &forward::jvp(&gradients, &theta, &direction))
}

/// The Hessian `∂²f/∂θᵢ∂θⱼ` of a scalar function: by the name of `θᵢ`, then by that of `θⱼ`.
///
/// # Shapes
/// The axes of `θᵢ`, then those of `θⱼ`.
///
/// # Cost
/// For each pair as many sweeps over the gradient as one of the two has elements: for small functions. For a product with
/// a vector use [`hvp_params`].
///
/// # Errors
/// As [`grad_params`]; [`rosenblatt_tensor::ErrorKind::Shape`] if a block has too many axes.
#[track_caller]
pub fn hessian_params<const N: usize, F>(f: F, params: &Params, xs: [&Tensor; N]) -> Result<BTreeMap<String, Params>>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    let graph = Graph::dynamic();
    let traced = Traced::new(&f, &graph, params, constants(&graph, xs))?;
    let (names, theta) = traced.parameters();
    let gradients = reverse::gradients(traced.y, &theta);
    let row = |(name, gradient): (&String, &Var<'_>)| {
        let blocks: Vec<Var<'_>> = theta.iter().map(|&theta| jacobian_of(*gradient, theta)).collect();
        Ok((name.clone(), named(names.clone(), &blocks)?))
    };
    names.iter().zip(&gradients).map(row).collect()
}
