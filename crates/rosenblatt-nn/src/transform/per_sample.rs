//! A gradient for each row.

use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Type, Var, reverse};
use rosenblatt_tensor::{DType, Element, Error, Result, Shape, Tensor};

use super::{Params, Traced};
use crate::Scope;

/// The gradients `∂f/∂θ` for each row of the inputs alone, by the name of the parameter.
///
/// `f` gets one row, `[1, …]`, and returns its loss.
///
/// # Shapes
/// - inputs: `[rows, …]`
/// - returns `[rows, …]`, where `…` is the shape of the parameter
///
/// # Numerics
/// One plan for one row runs for each of them: the result has the bits of [`super::grad_params`] of that row alone,
/// whatever the other rows are.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the inputs have different numbers of rows, or `f` returns more than one
/// number; as [`super::apply`].
#[track_caller]
pub fn per_sample_grad<const N: usize, F>(f: F, params: &Params, xs: [&Tensor; N]) -> Result<Params>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    let rows = rows_of(&xs)?;
    let graph = Graph::new(Execution::Static);
    let mut inputs = Vec::with_capacity(N);
    for (i, x) in xs.iter().enumerate() {
        let one = Shape::new(&[&[1], &x.shape()[1..]].concat())?;
        inputs.push(graph.input(format!("x{i}"), x.dtype(), one));
    }
    let traced = Traced::new(&f, &graph, params, std::array::from_fn(|i| inputs[i]))?;
    let (names, theta) = traced.parameters();
    let outputs = reverse::gradients(traced.y, &theta);
    let types: Vec<Type> = outputs.iter().map(|output| output.ty()).collect();
    let signature = Signature {
        inputs,
        outputs,
        ..Signature::default()
    };
    let mut variables = Variables::new(Engine::single());
    let plan = Plan::compile(&signature, &mut variables, &Options::default())?;
    let mut each: Vec<Vec<Tensor>> = types.iter().map(|_| Vec::with_capacity(rows)).collect();
    for row in 0..rows {
        let xs: Vec<Tensor> = xs.iter().map(|x| x.slice(0, row, row + 1)).collect::<Result<_>>()?;
        plan.run(&mut variables, &xs.iter().collect::<Vec<_>>())?;
        for (i, gradients) in each.iter_mut().enumerate() {
            gradients.push(plan.output(&variables, i)?);
        }
    }
    let stacked = names.into_iter().zip(types.iter().zip(&each));
    stacked
        .map(|(name, (ty, rows))| Ok((name, stack(*ty, rows)?)))
        .collect()
}

fn rows_of(xs: &[&Tensor]) -> Result<usize> {
    let rows: Option<Vec<usize>> = xs.iter().map(|x| x.shape().first().copied()).collect();
    match rows.as_deref() {
        Some([first, others @ ..]) if others.iter().all(|rows| rows == first) => Ok(*first),
        _ => {
            let types: Vec<Type> = xs.iter().map(|x| Type::of(x)).collect();
            Err(Error::shape(format!(
                "expected inputs with equal numbers of rows, got {types:?}"
            )))
        }
    }
}

/// Tensors of one type along a new first axis.
fn stack(ty: Type, rows: &[Tensor]) -> Result<Tensor> {
    match ty.dtype {
        DType::F64 => stack_of::<f64>(ty, rows),
        _ => stack_of::<f32>(ty, rows),
    }
}

fn stack_of<T: Element>(ty: Type, rows: &[Tensor]) -> Result<Tensor> {
    let mut values = Vec::with_capacity(rows.len() * ty.shape.elements());
    for row in rows {
        values.extend(row.to_vec::<T>()?);
    }
    Tensor::from_vec(values, &[&[rows.len()], &ty.shape[..]].concat())
}
