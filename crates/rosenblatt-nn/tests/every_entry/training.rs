//! A short training run, step by step as PyTorch does it.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, reverse};
use rosenblatt_nn::layers::Sequential;
use rosenblatt_nn::{Entry, Loss, Mode, Optimizer, OptimizerStep, Scope, scope};
use rosenblatt_tensor::{DType, Tensor};
use rosenblatt_testkit::{assert_close, fixture};
use serde_json::Value;

use crate::common::tensor;
use crate::every_optimizer::initial;

#[test]
fn ten_steps_are_those_of_pytorch() {
    for case in fixture("training.json")["networks"].as_array().unwrap() {
        println!("{}, weights {}", case["loss"], case["weights"]["data"]);
        ten_steps(case);
    }
}

fn ten_steps(case: &Value) {
    let loss = Entry::<dyn Loss>::from_json(&case["loss"]).unwrap();
    let weights = case.get("weights").map(tensor);
    let network = Sequential {
        layers: serde_json::from_value(case["layers"].clone()).unwrap(),
    };
    let optimizer = Entry::<dyn Optimizer>::from_json(&case["optimizer"]).unwrap();
    let lr = case["learning_rate"].as_f64().unwrap();
    let (x, targets) = (tensor(&case["x"]), tensor(&case["targets"]));
    let mut values = tensors(&case["initial"]);
    let mut state: BTreeMap<String, Vec<Tensor>> = BTreeMap::new();

    let losses: Vec<f64> = serde_json::from_value(case["losses"].clone()).unwrap();
    for (t, expected) in (1..).zip(losses) {
        let graph = Graph::dynamic();
        let scope = Scope::new(&graph, DType::F64, Mode::Eval, scope::leaves(&graph, &values));
        let logits = scope.apply("layers", &network, graph.constant(x.clone()));
        let found = scope.finish().unwrap();
        let (targets, scalar) = (graph.constant(targets.clone()), |x| graph.constant(Tensor::scalar(x)));
        let loss = match &weights {
            None => loss.mean(logits, targets, scalar(x.shape()[0] as f64)),
            Some(weights) => {
                let sum = scalar(weights.to_f64().iter().sum());
                loss.weighted_mean(logits, targets, graph.constant(weights.clone()), sum)
            }
        };
        assert_close(loss.value().unwrap().item().unwrap(), expected, 1e-12);

        let parameters: Vec<_> = found.parameters().map(|(_, var)| *var).collect();
        let gradients = reverse::gradients(loss, &parameters);
        let inputs = optimizer.inputs(t, lr);
        let value = |name| inputs.iter().find(|(known, _)| *known == name).unwrap().1;
        let step = OptimizerStep::new(&*optimizer, |name| graph.constant(Tensor::scalar(value(name))));
        let mut next = BTreeMap::new();
        for ((spec, theta), g) in found.parameters().zip(gradients) {
            let initial = || initial(&*optimizer, &values[&spec.name]);
            let kept = state.entry(spec.name.clone()).or_insert_with(initial);
            let vars: Vec<_> = kept.iter().map(|tensor| graph.constant(tensor.clone())).collect();
            let (theta, vars) = optimizer.update(&step, g, *theta, &vars);
            *kept = vars.iter().map(|var| var.value().unwrap()).collect();
            next.insert(spec.name.clone(), theta.value().unwrap());
        }
        drop(found);
        values = next;
    }
    let expected = tensors(&case["final"]);
    assert_eq!(values.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, value) in &values {
        println!("{name}");
        assert_eq!(value.shape(), expected[name].shape());
        assert_close(value.to_f64(), expected[name].to_f64(), 1e-9);
    }
}

fn tensors(json: &Value) -> BTreeMap<String, Tensor> {
    json.as_object()
        .unwrap()
        .iter()
        .map(|(name, json)| (name.clone(), tensor(json)))
        .collect()
}
