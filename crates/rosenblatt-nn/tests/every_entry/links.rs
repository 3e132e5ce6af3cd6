//! Networks that end with the link of their loss.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, Type};
use rosenblatt_nn::activations::SIGMOID;
use rosenblatt_nn::layers::{Dropout, Functional, Linear, Sequential, Softmax};
use rosenblatt_nn::losses::{BceWithLogits, CrossEntropy, Mse};
use rosenblatt_nn::{Link, Loss, Mode, Network, Scope, TensorSpec, scope};
use rosenblatt_tensor::{DType, Shape, Tensor};

use crate::common::random;

/// What training reads and what is predicted, with weights that make the last linear layer the identity.
fn linked(network: impl Into<Network>, loss: &dyn Loss, width: usize) -> rosenblatt_tensor::Result<[Vec<f64>; 2]> {
    let network = network.into();
    let identity: Vec<f64> = (0..width * width)
        .map(|i| f64::from(u8::from(i % (width + 1) == 0)))
        .collect();
    let specs = network
        .tensors(&[Type::new(DType::F64, Shape::new(&[2, width]).unwrap())], DType::F64)
        .unwrap();
    let value = |spec: &TensorSpec| match spec.shape.rank() {
        2 => Tensor::from_slice(&identity, &spec.shape).unwrap(),
        _ => Tensor::zeros(DType::F64, spec.shape),
    };
    let params: BTreeMap<_, _> = specs.iter().map(|spec| (spec.name.clone(), value(spec))).collect();
    let graph = Graph::dynamic();
    let scope = Scope::new(&graph, DType::F64, Mode::Eval, scope::leaves(&graph, &params));
    let x = graph.constant(random("x", &[2, width]));
    let outputs = network.forward_training(&scope, &[x], &[loss.link()]);
    scope.finish()?;
    Ok([outputs.training[0], outputs.predictions[0]].map(|y| y.value().unwrap().to_f64()))
}

#[test]
fn a_loss_reads_what_is_before_its_link_however_deep_that_is() {
    let x = random("x", &[2, 3]);
    let graph = Graph::dynamic();
    let softmax = graph.constant(x.clone()).softmax().value().unwrap().to_f64();
    let sigmoid = graph.constant(x.clone()).sigmoid().value().unwrap().to_f64();
    let x = x.to_f64();
    let linear = || Sequential::new().then(Linear::new(3));
    let cross_entropy = CrossEntropy::default();
    let nested = linear().then(Sequential::new().then(Sequential::new().then(Softmax {})));
    let functional = Functional::of(|[x]| x.then(Linear::new(3)).then(Softmax {}));
    let dropped = linear().then(Softmax {}).then(Dropout { p: 0.5 });
    for network in [
        Network::from(linear().then(Softmax {})),
        nested.into(),
        functional.into(),
        dropped.into(),
    ] {
        assert_eq!(
            linked(network, &cross_entropy, 3).unwrap(),
            [x.clone(), softmax.clone()]
        );
    }
    assert_eq!(linked(linear(), &cross_entropy, 3).unwrap(), [x.clone(), x.clone()]);
    let bce = BceWithLogits::default();
    assert_eq!(
        linked(linear().then(SIGMOID), &bce, 3).unwrap(),
        [x.clone(), sigmoid.clone()]
    );
    assert_eq!(
        linked(linear().then(Softmax {}), &Mse {}, 3).unwrap(),
        [softmax.clone(), softmax.clone()]
    );
    // In the middle it is a layer like any other.
    let [training, prediction] = linked(linear().then(Softmax {}).then(Linear::new(3)), &cross_entropy, 3).unwrap();
    assert_eq!((&training, &prediction), (&softmax, &softmax));
    for (link, expected) in [(Link::Softmax, softmax), (Link::Sigmoid, sigmoid), (Link::None, x)] {
        let x = graph.constant(random("x", &[2, 3]));
        assert_eq!(link.apply(x).value().unwrap().to_f64(), expected);
    }
}

#[test]
fn the_hint_says_what_goes_with_the_last_layer_and_with_the_loss() {
    let network = Sequential::new().then(Linear::new(3)).then(SIGMOID);
    let error = linked(network, &CrossEntropy::default(), 3).unwrap_err();
    let hint = "remove the last layer, write `softmax` instead, or use a loss such as `bce_with_logits`";
    assert_eq!(error.hint_text(), Some(hint));
}
