//! Why a run diverged: which layer, at which step, and what is likely to help.

use rosenblatt_autodiff::Graph;
use rosenblatt_nn::schedules::At;
use rosenblatt_nn::{Mode, Role, Scope, TensorSpec};
use rosenblatt_tensor::{Advice, Error, Result};

use crate::model::HeldOut;
use crate::model::fitter::Fitter;
use crate::model::mixup::Mix;

/// The loss of a step was not finite.
///
/// The network is computed again to find the first layer whose output is not.
pub(crate) fn loss(fitter: &Fitter<'_>, rows: &[u64], at: &At<'_>) -> Error {
    let place = first_non_finite_layer(fitter, rows);
    let place = place.unwrap_or_else(|error| format!("where it happened cannot be said: {error}"));
    let cause = match at.step {
        0 => "before the first update: look at the inputs, the targets and the initial values of the weights".into(),
        _ => too_large(
            fitter,
            &At {
                step: at.step - 1,
                ..*at
            },
        ),
    };
    Error::not_finite(format!("the loss is not finite: {place}"))
        .within(format!("step {}", at.step + 1))
        .hint(cause)
}

/// A row is far from the others if its outputs are so many times those of the median row.
const FAR: f64 = 1e6;

/// The loss of rows that training does not learn from was not finite; `sizes` has the largest output of each row.
pub(crate) fn held_out(part: HeldOut, sizes: &[f64]) -> Error {
    let (name, mut sorted) = (part.name(), sizes.to_vec());
    sorted.sort_unstable_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).filter(|size| size.is_finite());
    let far = |median: &f64| {
        sizes
            .iter()
            .position(|size| !(0.0..=FAR * median.max(1.0)).contains(size))
    };
    match median.and_then(far) {
        Some(row) => {
            let row = row + 1;
            let error = Error::not_finite(format!(
                "the loss of the {name} rows is not finite because of row {row} of them"
            ));
            error.hint("its values are too far from those of the training rows: correct the row, or leave it out")
        }
        None => Error::not_finite(format!("the loss of the {name} rows is not finite")).hint("lower the learning rate"),
    }
}

/// Gradients of some parameters, or the new values of some buffers, were not finite.
pub(crate) fn not_finite(fitter: &Fitter<'_>, names: &[String], at: &At<'_>) -> Error {
    let specs = fitter.builder().tensors().unwrap_or_default();
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
        .within(format!("step {}", at.step + 1))
        .hint(too_large(fitter, at))
}

fn too_large(fitter: &Fitter<'_>, at: &At<'_>) -> Advice {
    let rate = fitter.rate(at).unwrap_or(f64::NAN);
    let text = format!("the learning rate, {rate}, is probably too large: divide it by 10, or clip gradients with ");
    Advice::new(text).setting(crate::spec::CLIPPING)
}

/// The first layer whose output is not finite, computed as in the last step; if all are finite, the last one and how large
/// its output is.
fn first_non_finite_layer(fitter: &Fitter<'_>, rows: &[u64]) -> Result<String> {
    let (graph, step) = (Graph::dynamic(), fitter.builder());
    let source = |spec: &TensorSpec| Ok(graph.constant(fitter.runner().read(&spec.name)?));
    let counter = graph.constant(fitter.counter().clone());
    let scope = Scope::new(&graph, step.dtype, Mode::Training { counter }, source);
    let batch = fitter.batch(rows)?;
    let inputs: Vec<_> = batch.inputs.iter().map(|input| graph.constant(input.clone())).collect();
    if inputs
        .iter()
        .any(|input| input.value().is_ok_and(|input| !largest(&input.to_f64()).is_finite()))
    {
        return Ok("the features themselves are not".to_owned());
    }
    let mut mixup = fitter.mixup(rows.len()).map(|cell| graph.constant(cell.clone()));
    let mix = mixup.next().zip(mixup.next());
    let mix = mix.map(|(partners, lambda)| Mix::new(partners, lambda));
    step.outputs(&scope, &step.training_inputs(&scope, inputs, mix));
    let outputs = scope.finish()?.outputs;
    let holds_others = |path: &str| {
        let mut paths = outputs.iter().filter_map(|(other, _)| other.strip_prefix(path));
        paths.any(|rest| rest.starts_with('.'))
    };
    let mut last = (String::new(), 0.0);
    for (path, output) in outputs.iter().filter(|(path, _)| !holds_others(path)) {
        let size = largest(&output.value()?.to_f64());
        if !size.is_finite() {
            return Ok(format!("the output of `{path}` is the first that is not"));
        }
        last = (path.clone(), size);
    }
    Ok(format!("the output of `{}` reaches {:e}", last.0, last.1))
}

/// The largest size of some numbers; not finite if one of them is not.
pub(crate) fn largest(numbers: &[f64]) -> f64 {
    let larger = |largest: f64, x: f64| if x.is_nan() || x > largest { x } else { largest };
    numbers.iter().map(|x| x.abs()).fold(0.0, larger)
}
