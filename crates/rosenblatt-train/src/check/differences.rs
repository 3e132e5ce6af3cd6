//! Gradients against central differences.

use rosenblatt_autodiff::{Graph, reverse};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{Error, Result, Tensor};
use serde::Serialize;

use super::Point;
use super::functions::{Function, FunctionGraph, Source};

/// Steps that are tried, the largest first: smaller ones pass fewer kinks, and round more.
const STEPS: [f64; 4] = [1e-4, 1e-5, 1e-6, 1e-7];
/// The largest relative error of a correct gradient.
const TOLERANCE: f64 = 1e-6;
/// How many units in the last place the value of a function may be off.
const ROUNDING: f64 = 64.0;
/// The largest share of a derivative that rounding may be for a smaller step to say anything: where values are huge, the
/// smallest steps would excuse every error.
const CLEAR: f64 = 1e-3;

/// How far the gradient of one tensor is from central differences.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TensorCheck {
    /// `layers.0.weight`
    pub name: String,
    /// Its sizes.
    pub shape: Vec<usize>,
    /// The largest error, relative to the larger of both derivatives; where both vanish, to the smallest derivative
    /// that differences can show.
    pub error: f64,
    /// Whether that is no more than rounding.
    pub passed: bool,
}

/// A direction in the space of one tensor.
enum Direction {
    /// Along one entry.
    Entry(usize),
    /// Along a vector of length 1.
    Vector(Vec<f64>),
}

/// Compares the gradient of every tensor of a function with differences: at its largest entry, at `entries` others, and
/// along a random direction.
///
/// # Errors
/// The function cannot be built.
pub(super) fn compare(function: &dyn Function, point: &Point, entries: usize, rng: &Rng) -> Result<Vec<TensorCheck>> {
    let gradients = gradients(function, point)?;
    let check = |(name, gradient): (String, Vec<f64>)| {
        let shape = point
            .get(&name)
            .map(|tensor| tensor.shape().to_vec())
            .unwrap_or_default();
        let mut error = 0.0f64;
        for direction in directions(&gradient, entries, &rng.purpose(&name)) {
            let far = error_along(function, point, (&name, &gradient), &direction)?;
            // A derivative that is not a number is as wrong as can be.
            error = if far.is_nan() { f64::INFINITY } else { error.max(far) };
        }
        Ok(TensorCheck {
            name,
            shape,
            error,
            passed: error <= TOLERANCE,
        })
    };
    gradients.into_iter().map(check).collect()
}

/// The gradient of each tensor.
fn gradients(function: &dyn Function, point: &Point) -> Result<Vec<(String, Vec<f64>)>> {
    let graph = Graph::dynamic();
    let FunctionGraph { value, parameters, .. } = function.build(&graph, Source::Point(point))?;
    let (names, vars): (Vec<String>, Vec<_>) = parameters.into_iter().unzip();
    let gradients = reverse::gradients(value, &vars);
    let numbers = |(name, gradient): (String, rosenblatt_autodiff::Var<'_>)| Ok((name, gradient.value()?.to_f64()));
    names.into_iter().zip(gradients).map(numbers).collect()
}

/// Where a gradient is looked at.
fn directions(gradient: &[f64], entries: usize, rng: &Rng) -> Vec<Direction> {
    let by_size = |a: &usize, b: &usize| gradient[*a].abs().total_cmp(&gradient[*b].abs());
    let Some(largest) = (0..gradient.len()).max_by(by_size) else {
        return Vec::new();
    };
    let mut others: Vec<u64> = (0..gradient.len() as u64).collect();
    rng.permutation(&mut others);
    let others = others
        .into_iter()
        .map(|entry| entry as usize)
        .filter(|&entry| entry != largest);
    let entries = std::iter::once(largest)
        .chain(others.take(entries))
        .map(Direction::Entry);
    let mut vector = vec![0.0; gradient.len()];
    rng.purpose("direction").fill_normal(0, &mut vector);
    let length = vector.iter().map(|x: &f64| x * x).sum::<f64>().sqrt();
    vector.iter_mut().for_each(|x| *x /= length.max(f64::MIN_POSITIVE));
    entries.chain([Direction::Vector(vector)]).collect()
}

/// The smallest relative error over the steps that show the derivative clearly, and the largest one: a correct derivative
/// agrees at some step, a wrong one at none.
fn error_along(
    function: &dyn Function,
    point: &Point,
    (name, gradient): (&str, &[f64]),
    direction: &Direction,
) -> Result<f64> {
    let derivative = match direction {
        Direction::Entry(entry) => gradient[*entry],
        Direction::Vector(vector) => gradient.iter().zip(vector).map(|(g, v)| g * v).sum(),
    };
    let mut best = f64::NAN;
    for step in STEPS {
        let at = |by: f64| value(function, &moved(point, name, direction, by)?);
        let (near, far) = ([at(step)?, at(-step)?], [at(2.0 * step)?, at(-2.0 * step)?]);
        // Of fourth order, so that the largest step is exact but for rounding.
        let difference = (8.0 * (near[0] - near[1]) - (far[0] - far[1])) / (12.0 * step);
        let rounding = ROUNDING * f64::EPSILON * (1.0 + near[0].abs()) / step;
        let larger = derivative.abs().max(difference.abs());
        if rounding > CLEAR * larger && step < STEPS[0] {
            break;
        }
        best = best.min((derivative - difference).abs() / larger.max(rounding / TOLERANCE));
        if best <= TOLERANCE {
            break;
        }
    }
    Ok(best)
}

fn value(function: &dyn Function, point: &Point) -> Result<f64> {
    let graph = Graph::dynamic();
    function.build(&graph, Source::Point(point))?.value.value()?.item()
}

/// The point with one tensor moved along a direction.
fn moved(point: &Point, name: &str, direction: &Direction, by: f64) -> Result<Point> {
    let mut point = point.clone();
    let tensor = point
        .get_mut(name)
        .ok_or_else(|| Error::internal(format!("there is no tensor `{name}`")))?;
    let mut numbers = tensor.to_f64();
    match direction {
        Direction::Entry(entry) => numbers[*entry] += by,
        Direction::Vector(vector) => numbers.iter_mut().zip(vector).for_each(|(x, v)| *x += by * v),
    }
    *tensor = Tensor::from_vec(numbers, tensor.shape())?;
    Ok(point)
}
