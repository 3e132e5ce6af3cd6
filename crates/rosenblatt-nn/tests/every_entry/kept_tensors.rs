//! Layers that keep tensors, against PyTorch: results, gradients, and buffers from batch to batch.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, reverse};
use rosenblatt_nn::layers::LAYERS;
use rosenblatt_nn::{Entry, Layer, Mode, Role, Scope, TensorSpec, scope};
use rosenblatt_tensor::{DType, Shape, Tensor};
use rosenblatt_testkit::{assert_close, fixture};
use serde_json::Value;

use crate::common::tensor;
use crate::every_layer::rows_for;

const NEAR: f64 = 1e-10;

type Tensors = BTreeMap<String, Tensor>;

/// Tensors by name, `layer.` before it as scopes have it.
fn named(json: &Value) -> Tensors {
    let named = json.as_object().unwrap().iter();
    named
        .map(|(name, json)| (format!("layer.{name}"), tensor(json)))
        .collect()
}

#[test]
fn results_gradients_and_buffers_are_those_of_pytorch() {
    let fixture = fixture("layers.json.gz");
    for case in fixture["cases"].as_array().unwrap() {
        let layer = Entry::<dyn Layer>::from_json(&case["layer"]).unwrap();
        println!("{layer}");
        let parameters = named(&case["parameters"]);
        let mut buffers = named(&case["buffers"]);
        for batch in case["batches"].as_array().unwrap() {
            buffers = follow(&*layer, &parameters, &buffers, batch);
        }
    }
}

/// One batch; the buffers afterwards.
fn follow(layer: &dyn Layer, parameters: &Tensors, buffers: &Tensors, batch: &Value) -> Tensors {
    let graph = Graph::dynamic();
    let mode = match batch["training"].as_bool().unwrap() {
        true => Mode::Training {
            counter: graph.constant(Tensor::from_vec(vec![0i64, 0], &[2]).unwrap()),
        },
        false => Mode::Eval,
    };
    let mut values = parameters.clone();
    values.extend(buffers.clone());
    let scope = Scope::new(&graph, DType::F64, mode, scope::leaves(&graph, &values));
    let x = graph.constant(tensor(&batch["x"]));
    let y = scope.apply("layer", layer, x);
    let found = scope.finish().unwrap();
    let expected = tensor(&batch["y"]);
    assert_eq!(y.shape(), *expected.shape());
    assert_close(y.value().unwrap().to_f64(), expected.to_f64(), NEAR);

    let learned: Vec<_> = found.parameters().collect();
    let wrt: Vec<_> = std::iter::once(x).chain(learned.iter().map(|(_, var)| *var)).collect();
    let loss = (y * graph.constant(tensor(&batch["dy"]))).sum_all();
    let gradients: Vec<_> = reverse::gradients(loss, &wrt)
        .iter()
        .map(|g| g.value().unwrap())
        .collect();
    assert_close(gradients[0].to_f64(), tensor(&batch["dx"]).to_f64(), NEAR);
    let expected = named(&batch["gradients"]);
    assert_eq!(expected.len(), learned.len());
    for ((spec, _), gradient) in learned.iter().zip(&gradients[1..]) {
        println!("  {}", spec.name);
        assert_close(gradient.to_f64(), expected[&spec.name].to_f64(), NEAR);
    }

    let mut after = buffers.clone();
    after.extend(
        found
            .updates
            .iter()
            .map(|(name, new)| (name.clone(), new.value().unwrap())),
    );
    let expected = named(&batch["buffers"]);
    assert_eq!(after.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, buffer) in &after {
        println!("  {name}");
        assert_eq!(buffer.shape(), expected[name].shape());
        assert_close(buffer.to_f64(), expected[name].to_f64(), NEAR);
    }
    after
}

/// A layer that keeps tensors and is in no fixture is compared with nothing.
#[test]
fn every_layer_that_keeps_tensors_is_compared() {
    let fixture = fixture("layers.json.gz");
    let cases = fixture["cases"].as_array().unwrap();
    let names: Vec<_> = cases
        .iter()
        .map(|case| Entry::<dyn Layer>::from_json(&case["layer"]).unwrap().name().to_owned())
        .collect();
    let compared = |name: &str| names.iter().any(|compared| compared == name);
    // Made of other layers, or compared in `embedding.rs`, `training.rs` and `windows.rs`.
    let elsewhere = ["conv1d", "conv2d", "embedding", "functional", "linear", "sequential"];
    for registration in LAYERS
        .iter()
        .filter(|registration| !elsewhere.contains(&registration.name))
    {
        let keeps = |layer: &Entry<dyn Layer>| {
            let rows = rosenblatt_autodiff::Type::new(DType::F64, Shape::new(rows_for(layer)).unwrap());
            !scope::tensors("layer", &**layer, rows).unwrap().is_empty()
        };
        assert!(
            !registration.examples().iter().any(keeps) || compared(registration.name),
            "{}",
            registration.name
        );
    }
}

#[test]
fn first_values_are_those_of_pytorch() {
    let fixture = fixture("layers.json.gz");
    for case in fixture["cases"].as_array().unwrap() {
        let layer = Entry::<dyn Layer>::from_json(&case["layer"]).unwrap();
        let x = tensor(&case["batches"][0]["x"]);
        let tensors = scope::tensors("layer", &*layer, rosenblatt_autodiff::Type::of(&x)).unwrap();
        let is_buffer = |spec: &&TensorSpec| matches!(spec.role, Role::Buffer { .. });
        let buffers = named(&case["buffers"]);
        assert_eq!(tensors.iter().filter(is_buffer).count(), buffers.len());
        for spec in tensors.iter().filter(is_buffer) {
            let rule = Entry::<dyn rosenblatt_nn::Initializer>::named("normal").unwrap();
            let first = rosenblatt_nn::init::first_value(spec, 0, &*rule, &*rule).unwrap();
            assert_eq!(first.to_f64(), buffers[&spec.name].to_f64(), "{}", spec.name);
        }
    }
}
