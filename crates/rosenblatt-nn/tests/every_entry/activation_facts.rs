//! What is known of activations in a network.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, Type};
use rosenblatt_nn::activations::RELU;
use rosenblatt_nn::init::{FanInUniform, first_value};
use rosenblatt_nn::layers::Sequential;
use rosenblatt_nn::{Mode, Scope, scope};
use rosenblatt_tensor::DType;

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
