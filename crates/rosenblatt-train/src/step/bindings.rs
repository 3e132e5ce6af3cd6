//! Where the values at the ends of a graph come from.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, Type, Var};
use rosenblatt_nn::TensorSpec;
use rosenblatt_tensor::{Error, Result, Tensor};

/// Symbols of a graph that is to be compiled, or values of one that is computed as it is built.
#[derive(Clone, Copy)]
pub(crate) enum Bindings<'g> {
    /// Nothing is known yet.
    Symbols,
    /// Everything is known.
    Values {
        /// What is given for this run, in order.
        inputs: &'g [&'g Tensor],
        /// Parameters, buffers and the optimizer's state by name.
        variables: &'g BTreeMap<String, Tensor>,
    },
}

impl<'g> Bindings<'g> {
    /// The inputs of a step.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if a value is missing or of another type.
    pub(crate) fn inputs(self, graph: &'g Graph, types: &[(String, Type)]) -> Result<Vec<Var<'g>>> {
        let input = |(i, (name, ty)): (usize, &(String, Type))| match self {
            Self::Symbols => Ok(graph.input(name.clone(), ty.dtype, ty.shape)),
            Self::Values { inputs, .. } => match inputs.get(i) {
                Some(&value) if Type::of(value) == *ty => Ok(graph.constant(value.clone())),
                other => Err(Error::shape(format!(
                    "`{name}`: expected {ty:?}, got {:?}",
                    other.map(|x| Type::of(x))
                ))),
            },
        };
        types.iter().enumerate().map(input).collect()
    }

    /// A tensor that lives from step to step.
    ///
    /// # Errors
    /// It has no value.
    pub(crate) fn variable(self, graph: &'g Graph, spec: &TensorSpec) -> Result<Var<'g>> {
        match self {
            Self::Symbols => Ok(graph.variable(spec.name.clone(), spec.dtype, spec.shape)),
            Self::Values { variables, .. } => match variables.get(&spec.name) {
                Some(value) => Ok(graph.constant(value.clone())),
                None => Err(Error::internal(format!("no variable is called `{}`", spec.name))),
            },
        }
    }
}
