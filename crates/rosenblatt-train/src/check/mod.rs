//! Is the gradient of a network correct? A check of what a spec describes, in f64, before it is trained for hours.
//!
//! | what | where |
//! |---|---|
//! | the functions whose derivatives are checked: the whole loss, a layer, the loss alone | `functions.rs` |
//! | gradients against central differences | `differences.rs` |
//! | compiled against dynamic; the first step; a tiny step | `steps.rs` |
//!
//! Start reading at [`check`].

mod differences;
mod functions;
mod steps;

use std::collections::BTreeMap;

use rosenblatt_data::{Batches, DataOptions, Prepared};
use rosenblatt_nn::{Role, TargetKind};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Error, Result, Tensor};
use serde::Serialize;

use crate::model::Model;
use crate::options::RunOptions;
use crate::spec::Spec;
use differences::compare;
use functions::{Alone, FullBatch, LossAlone};

pub use differences::TensorCheck;
pub use steps::{FirstStep, TinyStep};

/// Rows of the batch that gradients are computed for: enough to mix, few enough that a unit rarely passes a kink.
const ROWS: usize = 8;
/// Initial values are moved by up to this much, so that weights that begin at 0 are checked too, and no unit sits on the
/// kink of its activation.
const MOVED: f64 = 0.05;

/// Named tensors of f64: where a function is evaluated.
type Point = BTreeMap<String, Tensor>;

/// What a check has found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Checked {
    /// Rows of the batch.
    pub rows: usize,
    /// Entries looked at in each tensor, as far as it has so many; besides a random direction through all of them.
    pub entries: usize,
    /// Every learned tensor, in the order of the layers.
    pub tensors: Vec<TensorCheck>,
    /// Whether the compiled loss and gradients have the bits of the dynamic ones, in f64.
    pub same_bits: bool,
    /// The first step of the run itself, in f32.
    pub first_step: FirstStep,
    /// What a tiny step of the optimizer does to the loss, in f64.
    pub tiny_step: TinyStep,
    /// What is wrong, one sentence each; none if all is correct.
    pub faults: Vec<String>,
}

/// Checks the gradients of a spec's network on some of its rows, and its first steps.
///
/// For each parameter tensor the gradient from [`rosenblatt_autodiff::reverse`] is compared with central differences, in
/// f64: at the entry where it is largest, at `entries` others, and along a random direction through the whole tensor. If
/// one is wrong, each layer is checked by itself to find the one at fault. Compiled and dynamic execution must agree in
/// every bit, all numbers of the first step must be finite, and a tiny step must make the loss smaller.
///
/// # Errors
/// Spec and data do not fit each other. That something is wrong is no error but a result: [`Checked::faults`].
///
/// # Example
/// ```
/// use rosenblatt_train::{RunOptions, Spec, check::check};
/// let spec = Spec::default().with("data.source=iris")?.with("model.layers=[{ linear = { out_features = 4 } }, 'tanh']")?;
/// let data = rosenblatt_data::load(&spec.data, 0)?;
/// let checked = check(&spec, &data, &RunOptions::default(), 5)?;
/// assert_eq!(checked.tensors.len(), 4);
/// assert!(checked.faults.is_empty() && checked.same_bits);
/// assert!(checked.tensors.iter().all(|tensor| tensor.error < 1e-6));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn check(spec: &Spec, data: &Prepared, options: &RunOptions, entries: usize) -> Result<Checked> {
    spec.check()?;
    let model = Model::untrained(spec, data)?;
    let whole = FullBatch::new(&model, data)?;
    let point = starting_point(&model, spec.train.seed)?;
    let rng = Rng::new(spec.train.seed).purpose("check");
    let tensors = compare(&whole, &point, entries, &rng)?;
    let mut faults = wrong(&whole, &point, &tensors, &rng)?;
    let same_bits = steps::compiled_is_dynamic(&whole, &point, options)?;
    if !same_bits {
        faults.push("compiled and dynamic execution give different gradients".to_owned());
    }
    let first_step = steps::first(spec, data, options)?;
    faults.extend(first_step.fault());
    let tiny_step = steps::tiny(spec, &whole, &point)?;
    faults.extend(tiny_step.fault(spec.train.optimizer.name()));
    Ok(Checked {
        rows: whole.len(),
        entries,
        tensors,
        same_bits,
        first_step,
        tiny_step,
        faults,
    })
}

/// Bundled rows for a spec that names no data: the first set that its loss is for.
#[must_use]
pub fn stand_in(spec: &Spec) -> DataOptions {
    let sets = [
        ("iris", TargetKind::Classes(3)),
        ("breast_cancer", TargetKind::Classes(2)),
    ];
    let fits = |target_kind| {
        spec.train
            .loss
            .as_ref()
            .is_none_or(|loss| loss.outputs(target_kind).is_some())
    };
    let set = sets.into_iter().find(|&(_, target_kind)| fits(target_kind));
    let options = DataOptions::new(set.map_or("diabetes", |(name, _)| name));
    // Early stopping asks for validation rows, whatever they are.
    match spec.train.early_stopping {
        Some(_) => options.valid_fraction(0.2),
        None => options,
    }
}

/// The initial values in f64, each learned one moved a little.
fn starting_point(model: &Model, seed: u64) -> Result<Point> {
    let mut point = model.params().clone();
    let rng = Rng::new(seed).purpose("check").purpose("move");
    for tensor in model.tensors()? {
        let Some(value) = point.get_mut(&tensor.name) else {
            return Err(Error::internal(format!("`{}` has no initial value", tensor.name)));
        };
        let mut numbers = value.to_f64();
        if matches!(tensor.role, Role::Parameter(_)) {
            let mut by = vec![0.0; numbers.len()];
            rng.purpose(&tensor.name).fill_uniform(0, &mut by);
            let moved = numbers.iter_mut().zip(by);
            moved.for_each(|(number, by): (&mut f64, f64)| *number += MOVED * (2.0 * by - 1.0));
        }
        *value = Tensor::from_vec(numbers, &tensor.shape)?;
    }
    Ok(point)
}

/// What is wrong with gradients, with the layer or the loss at fault.
fn wrong(whole: &FullBatch, point: &Point, tensors: &[TensorCheck], rng: &Rng) -> Result<Vec<String>> {
    let names: Vec<String> = tensors
        .iter()
        .filter(|tensor| !tensor.passed)
        .map(|tensor| format!("`{}`", tensor.name))
        .collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut at_fault = Vec::new();
    for (name, layer) in &whole.layers {
        let (alone, at) = Alone::new(whole, point, name, layer)?;
        if compare(&alone, &at, MAX_ALONE, rng)?
            .iter()
            .any(|tensor| !tensor.passed)
        {
            at_fault.push(format!("layer `{name}` (`{}`)", layer.name()));
        }
    }
    let (alone, at) = LossAlone::new(whole, point)?;
    if compare(&alone, &at, MAX_ALONE, rng)?
        .iter()
        .any(|tensor| !tensor.passed)
    {
        at_fault.push(format!("loss `{}`", whole.head().loss.name()));
    }
    let culprit = match at_fault.is_empty() {
        true => "no layer by itself is at fault".to_owned(),
        false => format!("the derivative is wrong in {}", at_fault.join(", ")),
    };
    Ok(vec![format!(
        "the gradient of {} is wrong: {culprit}",
        names.join(", ")
    )])
}

/// Entries that are looked at in a tensor of a layer by itself.
const MAX_ALONE: usize = 20;

/// Numbers of the first rows of the first epoch.
fn first_rows(data: &Prepared, seed: u64) -> Result<Tensor> {
    let mut batches = Batches::new(data.train.len(), ROWS, seed)?;
    batches.shuffle(0);
    let rows = batches
        .get(0)
        .ok_or_else(|| Error::data("there is no row to learn from"))?;
    let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
    Tensor::from_slice(&rows, &[rows.len()])
}

/// Targets as a network of f64 takes them.
fn targets(data: &Prepared) -> Result<Tensor> {
    let targets = data.train.targets();
    let targets = targets.ok_or_else(|| Error::data("the training rows have no targets"))?;
    match targets.dtype() {
        DType::I64 => Ok(targets.clone()),
        _ => Tensor::from_vec(targets.to_f64(), targets.shape()),
    }
}
