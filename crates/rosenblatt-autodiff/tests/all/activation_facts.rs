//! What is known of activations and of how they are related.

use rosenblatt_autodiff::pointwise::{RELU, SIGMOID, SILU, SOFTPLUS, SWISH, TANH};
use rosenblatt_autodiff::{Graph, Var, reverse};
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::assert_close;

fn points() -> Vec<f64> {
    (-80..=80).map(|i| f64::from(i) / 4.0).collect()
}

/// The values of a function of the points.
fn of(function: impl for<'g> Fn(Var<'g>) -> Var<'g>) -> Vec<f64> {
    let graph = Graph::dynamic();
    let x = graph.constant(Tensor::from_slice(&points(), &[points().len()]).unwrap());
    function(x).value().unwrap().to_f64()
}

#[test]
fn tanh_is_a_scaled_logistic_function() {
    assert_close(of(|x| TANH.apply(x)), of(|x| SIGMOID.apply(x * 2.0) * 2.0 - 1.0), 1e-15);
}

#[test]
fn the_derivative_of_softplus_is_the_logistic_function() {
    let slopes = of(|x| reverse::gradients(SOFTPLUS.apply(x).sum_all(), &[x])[0]);
    assert_close(slopes, of(|x| SIGMOID.apply(x)), 1e-15);
}

#[test]
fn swish_goes_from_a_line_over_silu_to_relu() {
    let swish = |beta| {
        let swish = SWISH.with("beta", beta).unwrap();
        of(move |x| swish.apply(x))
    };
    assert_eq!(swish(0.0), of(|x| x * 0.5));
    assert_eq!(swish(1.0), of(|x| SILU.apply(x)));
    let relu = of(|x| RELU.apply(x));
    let distance = |beta| {
        let pairs = swish(beta).into_iter().zip(relu.clone());
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    let distances = [1.0, 10.0, 100.0, 1000.0, 1e300].map(distance);
    assert!(
        distances.is_sorted_by(|a, b| a >= b) && distances[0] > 0.2,
        "{distances:?}"
    );
    assert_eq!(distances[4], 0.0);
}
