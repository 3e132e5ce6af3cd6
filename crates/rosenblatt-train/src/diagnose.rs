//! Why a run has left the numbers: which layer, at which step, and what is likely to help.

use rosenblatt_autodiff::Graph;
use rosenblatt_nn::{Mode, Role, Scope, TensorSpec};
use rosenblatt_tensor::{DType, Error, Result, Tensor};

use crate::network::{EMBEDDING, NAME, Network};
use crate::trainer::Trainer;

/// The loss of a step was not finite. `step` counts from 0.
///
/// The network is computed again, layer by layer, to find where it happened.
pub(crate) fn loss(trainer: &Trainer, rows: &[u64], step: u64) -> Error {
    let place = first_wild(trainer, rows).unwrap_or_else(|error| format!("where it happened cannot be said: {error}"));
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

/// The first part of the network whose output is not finite; if all are, the last one and how large its output is.
fn first_wild(trainer: &Trainer, rows: &[u64]) -> Result<String> {
    let network = trainer.network();
    let features = (network.bare(), "the features themselves are not".to_owned());
    let layers = (0..=network.depth()).map(|depth| {
        let part = depth
            .checked_sub(1)
            .map_or(EMBEDDING.to_owned(), |last| format!("{NAME}.{last}"));
        let message = format!("the output of `{part}` is the first that is not");
        (network.cut(depth), message)
    });
    let mut largest = 0.0;
    for (part, message) in std::iter::once(features).chain(layers) {
        largest = largest_output(trainer, &part, rows)?;
        if !f64::is_finite(largest) {
            return Ok(message);
        }
    }
    let last = network.depth().saturating_sub(1);
    Ok(format!("the output of `{NAME}.{last}` reaches {largest:e}"))
}

/// The largest size of a number in the output, computed as in the last step; not finite if one of them is not.
fn largest_output(trainer: &Trainer, network: &Network, rows: &[u64]) -> Result<f64> {
    let graph = Graph::dynamic();
    let source = |spec: &TensorSpec| Ok(graph.constant(trainer.runner().read(&spec.name)?));
    let counter = graph.constant(trainer.counter().clone());
    let scope = Scope::new(&graph, DType::F32, Mode::Training { counter }, source);
    let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
    let rows = graph.constant(Tensor::from_slice(&rows, &[rows.len()])?);
    let output = network.output(&scope, graph.constant(trainer.features().clone()).take(rows));
    scope.finish()?;
    let sizes = output.value()?.to_f64();
    Ok(sizes
        .into_iter()
        .map(f64::abs)
        .fold(0.0, |largest, x| if x.is_nan() || x > largest { x } else { largest }))
}
