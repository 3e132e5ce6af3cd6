//! The gain of an activation, computed from the activation itself.

use rosenblatt_autodiff::Graph;
use rosenblatt_tensor::{DType, Error, Result, Tensor};

use super::{Init, Zeros, first_value};
use crate::{Layer, Mode, Role, Scope, TensorSpec};

/// The integral over the standard normal distribution ends here: beyond it lies 2·10⁻³³ of it.
const END: f64 = 12.0;
/// Panels for each unit: so kinks at multiples of 1/2 are ends of panels.
const PANELS: usize = 2;
/// Points of a panel.
const POINTS: usize = 16;
/// A function is linear if it deviates by less than this from a multiple of its argument.
const LINEAR: f64 = 1e-12;

/// The gain of an activation: the factor on the standard deviation of weights that makes up for what it does to the size of numbers
/// of mean 0 and variance 1.
///
/// `gain = 1 / √E[f(z)²]`, `z ~ N(0, 1)`
///
/// `None` for a layer that is no function of each number alone: a linear layer, softmax, GLU, normalization. Learned parameters of
/// the activation have their initial values. 1 if `f` is 0 everywhere, or the integral is not finite.
///
/// # Numerics
/// Gauss-Legendre with 16 points on each of 48 panels between −12 and 12: as accurate as f64 for functions that are smooth but for
/// kinks and jumps at multiples of 1/2.
///
/// # Example
/// ```
/// use rosenblatt_nn::activations::RELU;
/// use rosenblatt_nn::init::activation_gain;
/// let gain = activation_gain(&RELU).unwrap();
/// assert!((gain - 2f64.sqrt()).abs() < 1e-14);
/// ```
///
/// # Reference
/// He, Zhang, Ren, Sun: Delving Deep into Rectifiers. ICCV 2015. arXiv:1502.01852, section 2.2.
#[must_use]
pub fn activation_gain(layer: &dyn Layer) -> Option<f64> {
    match response(layer, 2) {
        Response::Gain(gain) => Some(gain),
        Response::Linear(factor) => Some(1.0 / factor.abs()).filter(|gain| gain.is_finite()),
        Response::Other => None,
    }
}

/// What a layer does to numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Response {
    /// It multiplies each with the same factor.
    Linear(f64),
    /// It is another function of each number alone, of this gain.
    Gain(f64),
    /// It mixes numbers, or has weights of its own.
    Other,
}

/// What a layer does to numbers that come in as a tensor of so many axes.
pub(crate) fn response(layer: &dyn Layer, rank: usize) -> Response {
    let (nodes, weights): (Vec<f64>, Vec<f64>) = nodes().into_iter().unzip();
    let [mut rows, mut columns] = [vec![1; rank.max(1)], vec![1; rank.max(1)]];
    rows[0] = nodes.len();
    columns[rank.max(1) - 1] = nodes.len();
    let (Ok(values), Ok(again)) = (values(layer, &nodes, &rows), values(layer, &nodes, &columns)) else {
        return Response::Other;
    };
    if values != again {
        return Response::Other;
    }
    let factor = values[0] / nodes[0];
    let is_linear = |(x, y): (&f64, &f64)| (y - factor * x).abs() <= LINEAR * (factor * x).abs();
    if factor != 0.0 && nodes.iter().zip(&values).all(is_linear) {
        return Response::Linear(factor);
    }
    let mean_square: f64 = values.iter().zip(&weights).map(|(y, weight)| y * y * weight).sum();
    let gain = 1.0 / libm::sqrt(mean_square);
    Response::Gain(if gain.is_finite() && gain > 0.0 { gain } else { 1.0 })
}

/// The results of a layer for numbers in a tensor of this shape.
///
/// # Errors
/// It does not take them, gives another shape, or has weights.
fn values(layer: &dyn Layer, x: &[f64], shape: &[usize]) -> Result<Vec<f64>> {
    let graph = Graph::dynamic();
    let source = |spec: &TensorSpec| match spec.role {
        Role::Parameter(Init::Weight { .. } | Init::Embedding { .. }) => Err(Error::config("it has weights")),
        _ => first_value(spec, 0, &Zeros {}, &Zeros {}).map(|value| graph.constant(value)),
    };
    let scope = Scope::new(&graph, DType::F64, Mode::Eval, source);
    let y = scope.apply("layer", layer, graph.constant(Tensor::from_slice(x, shape)?));
    scope.finish()?;
    let y = y.value()?;
    if y.shape()[..] != *shape {
        return Err(Error::shape("another shape"));
    }
    Ok(y.to_f64())
}

/// Points and weights of the standard normal distribution, in ascending order of the points.
fn nodes() -> Vec<(f64, f64)> {
    let half = 0.5 / PANELS as f64;
    let panels = 2 * END as usize * PANELS;
    let density = |z: f64| libm::exp(-0.5 * z * z) / libm::sqrt(std::f64::consts::TAU);
    let panel = |i: usize| {
        let middle = -END + half * (2 * i + 1) as f64;
        legendre().into_iter().map(move |(x, weight)| {
            let z = middle + half * x;
            (z, half * weight * density(z))
        })
    };
    (0..panels).flat_map(panel).collect()
}

/// Points and weights of Gauss-Legendre quadrature on [−1, 1]: the roots of the Legendre polynomial, by Newton's method.
fn legendre() -> [(f64, f64); POINTS] {
    std::array::from_fn(|i| {
        let n = POINTS as f64;
        let mut x = -libm::cos(std::f64::consts::PI * (i as f64 + 0.75) / (n + 0.5));
        let mut slope = 1.0;
        for _ in 0..8 {
            let (mut before, mut value) = (1.0, x);
            for k in 2..=POINTS {
                let k = k as f64;
                (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
            }
            slope = n * (x * value - before) / (x * x - 1.0);
            x -= value / slope;
        }
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    })
}
