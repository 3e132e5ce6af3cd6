//! Where a scope finds tensors, and networks put on a graph only to learn which tensors they have.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Execution, Graph, Type, Var};
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{DType, Error, Result, Tensor};

use super::{Mode, Scope, TensorSpec};
use crate::Layer;

/// The parameters and buffers of a network for input of a given type, in the order its layers name them.
///
/// They have the type of the input, or f32 if that is of integers.
///
/// # Errors
/// The network does not fit its input.
pub fn tensors(name: &str, network: &dyn Layer, input: Type) -> Result<Vec<TensorSpec>> {
    tensors_of(input, |scope, x| scope.apply(name, network, x))
}

/// As [`tensors`], of a network that is not one layer: `build` puts it on the graph.
///
/// # Errors
/// The network does not fit its input.
pub fn tensors_of(input: Type, build: impl for<'g> FnOnce(&Scope<'g>, Var<'g>) -> Var<'g>) -> Result<Vec<TensorSpec>> {
    let dtype = if input.dtype.is_float() {
        input.dtype
    } else {
        DType::F32
    };
    tensors_for(&[input], dtype, |scope, xs| {
        build(scope, xs[0]);
    })
}

/// As [`tensors_of`], with any number of inputs and the type of the parameters.
///
/// # Errors
/// The network does not fit its inputs.
pub fn tensors_for(
    inputs: &[Type],
    dtype: DType,
    build: impl for<'g> FnOnce(&Scope<'g>, &[Var<'g>]),
) -> Result<Vec<TensorSpec>> {
    on_graph(inputs, dtype, build, |scope| {
        Ok(scope.finish()?.tensors.into_iter().map(|(spec, _)| spec).collect())
    })
}

/// For each weight of a network the gain of the activation that follows its layer: see [`Scope::gains`].
///
/// # Errors
/// The network does not fit its inputs.
pub fn gains_for(
    inputs: &[Type],
    dtype: DType,
    build: impl for<'g> FnOnce(&Scope<'g>, &[Var<'g>]),
) -> Result<BTreeMap<String, f64>> {
    on_graph(inputs, dtype, build, |scope| {
        let gains = scope.gains();
        scope.finish().map(|_| gains)
    })
}

/// Puts a network on a graph in evaluation, and reads what its scope found.
fn on_graph<R>(
    inputs: &[Type],
    dtype: DType,
    build: impl for<'g> FnOnce(&Scope<'g>, &[Var<'g>]),
    read: impl for<'g> FnOnce(Scope<'g>) -> Result<R>,
) -> Result<R> {
    let graph = Graph::new(Execution::Static);
    let source = |spec: &TensorSpec| Ok(graph.variable(spec.name.clone(), spec.dtype, spec.shape));
    let scope = Scope::new(&graph, dtype, Mode::Eval, source);
    let input = |(i, ty): (usize, &Type)| graph.input(format!("x{i}"), ty.dtype, ty.shape);
    let xs: Vec<Var<'_>> = inputs.iter().enumerate().map(input).collect();
    build(&scope, &xs);
    read(scope)
}

/// A source for a dynamic graph: the values by name, as constants.
pub fn leaves<'g>(
    graph: &'g Graph,
    values: &'g BTreeMap<String, Tensor>,
) -> impl Fn(&TensorSpec) -> Result<Var<'g>> + 'g {
    |spec| match values.get(&spec.name) {
        Some(value) => Ok(graph.constant(value.clone())),
        None => Err(Error::shape(format!("there is no tensor `{}`", spec.name))
            .hint(meant(&spec.name, values.keys().map(String::as_str)))),
    }
}
