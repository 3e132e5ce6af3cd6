//! Why a run has left the numbers: which layer, at which step, and what is likely to help.

use rosenblatt_autodiff::Graph;
use rosenblatt_nn::{Mode, Role, Scope, TensorSpec};
use rosenblatt_tensor::{DType, Error, Result, Tensor};

use crate::network::Network;
use crate::trainer::Trainer;

/// The loss of a step was not finite. `step` counts from 0.
///
/// The network is computed again, layer by layer, to find where it happened.
pub(crate) fn loss(trainer: &Trainer, rows: &[u64], step: u64) -> Error {
    let place = layers(trainer, rows).unwrap_or_else(|error| format!("where it happened cannot be said: {error}"));
    let cause = match step {
        0 => "before the first update: look at the inputs, the targets and the first values of the weights".to_owned(),
        _ => too_large(trainer.rate(step - 1)),
    };
    Error::not_finite(format!("the loss is not finite: {place}"))
        .within(format!("step {}", step + 1))
        .hint(cause)
}

/// Gradients of some parameters, or the new values of some buffers, were not finite. `step` counts from 0.
pub(crate) fn watched(trainer: &Trainer, names: &[String], step: u64) -> Error {
    let specs = trainer.network().tensors().unwrap_or_default();
    let is_buffer = |name: &String| {
        let mut buffers = specs.iter().filter(|spec| matches!(spec.role, Role::Buffer { .. }));
        buffers.any(|spec| spec.name == *name)
    };
    let listed = |names: Vec<&String>| {
        names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (buffers, parameters): (Vec<_>, Vec<_>) = names.iter().partition(|name| is_buffer(name));
    let message = match parameters.is_empty() {
        true => format!(
            "{} is not finite: its layer is given numbers that are too large",
            listed(buffers)
        ),
        false => format!("the gradient of {} is not finite", listed(parameters)),
    };
    Error::not_finite(message)
        .within(format!("step {}", step + 1))
        .hint(too_large(trainer.rate(step)))
}

fn too_large(rate: f64) -> String {
    format!("the learning rate, {rate}, is probably too large: divide it by 10, or shorten gradients with `clip_norm`")
}

/// The first layer whose output is not finite; if all are, the last one and how large its output is.
fn layers(trainer: &Trainer, rows: &[u64]) -> Result<String> {
    let network = trainer.network();
    let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
    let rows = Tensor::from_slice(&rows, &[rows.len()])?;
    let mut largest = 0.0;
    for depth in 0..=network.depth() {
        largest = largest_output(trainer, &network.cut(depth), &rows)?;
        if !f64::is_finite(largest) {
            return Ok(match depth.checked_sub(1) {
                Some(layer) => format!("the output of `layers.{layer}` is the first that is not"),
                None => "the features themselves are not".to_owned(),
            });
        }
    }
    let last = network.depth().saturating_sub(1);
    Ok(format!("the output of `layers.{last}` reaches {largest:e}"))
}

/// The largest size of a number in the output; not finite if one of them is not.
fn largest_output(trainer: &Trainer, network: &Network, rows: &Tensor) -> Result<f64> {
    let graph = Graph::dynamic();
    let source = |spec: &TensorSpec| Ok(graph.leaf(trainer.runner().read(&spec.name)?));
    let scope = Scope::new(&graph, DType::F32, Mode::Prediction, source);
    let features = graph.leaf(trainer.features().clone()).gather(graph.leaf(rows.clone()));
    let output = network.output(&scope, features);
    scope.finish()?;
    let sizes = output.value()?.to_f64();
    Ok(sizes
        .into_iter()
        .map(f64::abs)
        .fold(0.0, |largest, x| if x.is_nan() || x > largest { x } else { largest }))
}
