//! What is known of activations in a network.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, Type};
use rosenblatt_nn::activations::RELU;
use rosenblatt_nn::init::{FanInUniform, first_value};
use rosenblatt_nn::layers::{Maxout, Sequential};
use rosenblatt_nn::{Mode, Scope, scope};
use rosenblatt_tensor::{DType, Tensor};

use crate::common::random;

/// In the first layer and in the third.
#[test]
fn about_half_of_the_relu_units_are_active_at_initialization() {
    let x = random("x", &[256, 20]);
    for depth in [1, 3] {
        let network = (0..depth).fold(Sequential::new(), |network, _| network.hidden(200, RELU));
        let specs = scope::tensors("layers", &network, Type::of(&x)).unwrap();
        let value = |spec: &scope::TensorSpec| first_value(spec, 5, &FanInUniform {}, &FanInUniform {}).unwrap();
        let values: BTreeMap<_, _> = specs.iter().map(|spec| (spec.name.clone(), value(spec))).collect();
        let graph = Graph::dynamic();
        let scope = Scope::new(&graph, DType::F64, Mode::Eval, scope::leaves(&graph, &values));
        let y = scope
            .apply("layers", &network, graph.constant(x.clone()))
            .value()
            .unwrap()
            .to_f64();
        let share = y.iter().filter(|&&y| y > 0.0).count() as f64 / y.len() as f64;
        assert!(
            (0.42..0.58).contains(&share),
            "{share} of the units of layer {depth} are active"
        );
    }
}

/// Tangents of x² at the middle of each of `pieces` parts of [−1, 1] are off by at most `1 / pieces²`, at the ends of parts.
#[test]
fn a_maxout_unit_is_as_near_to_a_convex_function_as_it_has_pieces_for() {
    let points: Vec<f64> = (0..=240).map(|i| f64::from(i) / 120.0 - 1.0).collect();
    for pieces in [1_u8, 2, 4, 10] {
        let count = f64::from(pieces);
        let middles: Vec<f64> = (0..pieces).map(|i| (2.0 * f64::from(i) + 1.0) / count - 1.0).collect();
        let column = |values: Vec<f64>, shape: &[usize]| Tensor::from_vec(values, shape).unwrap();
        let weight = middles.iter().map(|t| 2.0 * t).collect();
        let bias = middles.iter().map(|t| -t * t).collect();
        let values = BTreeMap::from([
            ("layers.0.weight".to_owned(), column(weight, &[pieces.into(), 1])),
            ("layers.0.bias".to_owned(), column(bias, &[pieces.into()])),
        ]);
        let unit = Sequential::new().hidden(1, Maxout { pieces: pieces.into() });
        let graph = Graph::dynamic();
        let scope = Scope::new(&graph, DType::F64, Mode::Eval, scope::leaves(&graph, &values));
        let x = graph.constant(column(points.clone(), &[points.len(), 1]));
        let y = scope.apply("layers", &unit, x).value().unwrap().to_f64();
        let errors = points.iter().zip(y).map(|(x, y)| x * x - y);
        let largest = errors.inspect(|&error| assert!(error > -1e-15)).fold(0.0, f64::max);
        assert!((largest - count.powi(-2)).abs() < 1e-14, "{pieces} pieces: {largest}");
    }
}
