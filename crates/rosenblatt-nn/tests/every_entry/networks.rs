//! Networks as plain data, what scopes record, and links.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, Type, Var, reverse};
use rosenblatt_nn::activations::{RELU, SIGMOID, TANH};
use rosenblatt_nn::layers::{
    Add, BatchNorm, Concat, Dropout, Functional, Linear, Multiply, Rescale, Sequential, Softmax,
};
use rosenblatt_nn::losses::{BceWithLogits, CrossEntropy, Mse};
use rosenblatt_nn::transform::{Params, init};
use rosenblatt_nn::{Config, Entry, Init, Layer, Link, Loss, Mode, Network, Scope, TensorSpec, scope};
use rosenblatt_tensor::{DType, ErrorKind, Shape, Tensor};
use rosenblatt_testkit::assert_close;

use crate::common::random;
use crate::every_layer::mode;

fn type_of(shape: &[usize]) -> Type {
    Type::new(DType::F64, Shape::new(shape).unwrap())
}

fn names(tensors: &[TensorSpec]) -> Vec<&str> {
    tensors.iter().map(|tensor| tensor.name.as_str()).collect()
}

/// Two inputs, a residual connection: program 5 of the examples.
fn two_inputs() -> Functional {
    Functional::of(|[a, b]| {
        let left = a.then(Linear::new(8)).named("left").then(RELU);
        let h = left.concat(b.then(Linear::new(4)).named("right").then(RELU));
        (h + h.then(Linear::new(12)).then(RELU)).then(Linear::new(1))
    })
}

#[test]
fn a_functional_network_is_the_formula_it_was_written_as() {
    let network = Network::from(two_inputs());
    let (a, b) = (random("a", &[5, 3]), random("b", &[5, 2]));
    let params = init(
        |m, [a, b]| network.forward(m, &[a, b])[0],
        0,
        [Type::of(&a), Type::of(&b)],
    )
    .unwrap();
    let tensors = network.tensors(&[Type::of(&a), Type::of(&b)], DType::F64).unwrap();
    assert_eq!(
        names(&tensors),
        [
            "left.weight",
            "left.bias",
            "right.weight",
            "right.bias",
            "linear_3.weight",
            "linear_3.bias",
            "linear_4.weight",
            "linear_4.bias"
        ]
    );
    let graph = Graph::dynamic();
    let scope = Scope::new(&graph, DType::F64, Mode::Eval, scope::leaves(&graph, &params));
    let (a, b) = (graph.constant(a), graph.constant(b));
    let y = network.forward(&scope, &[a, b])[0];
    let found = scope.finish().unwrap();
    let apply = |name: &str, x: Var<'_>| -> Vec<f64> {
        let (w, b) = (&params[&format!("{name}.weight")], &params[&format!("{name}.bias")]);
        let (w, b, x, n) = (w.to_f64(), b.to_f64(), x.value().unwrap().to_f64(), w.shape()[1]);
        let row = |row: &[f64]| -> Vec<f64> {
            let one = |(w, b): (&[f64], &f64)| w.iter().zip(row).map(|(w, x)| w * x).sum::<f64>() + b;
            w.chunks(n).zip(&b).map(one).collect()
        };
        x.chunks(n).flat_map(row).collect()
    };
    let relu = |x: Vec<f64>| x.into_iter().map(|x| x.max(0.0)).collect::<Vec<f64>>();
    let (left, right) = (relu(apply("left", a)), relu(apply("right", b)));
    let h: Vec<f64> = left
        .chunks(8)
        .zip(right.chunks(4))
        .flat_map(|(l, r)| [l, r].concat())
        .collect();
    assert_close(
        found.output_of("concat_1").unwrap().value().unwrap().to_f64(),
        h.clone(),
        1e-14,
    );
    let inner = relu(apply("linear_3", found.output_of("concat_1").unwrap()));
    let sum: Vec<f64> = h.iter().zip(inner).map(|(h, inner)| h + inner).collect();
    assert_close(found.output_of("add_1").unwrap().value().unwrap().to_f64(), sum, 1e-14);
    let expected = apply("linear_4", found.output_of("add_1").unwrap());
    assert_close(y.value().unwrap().to_f64(), expected, 1e-14);
}

#[test]
fn a_functional_network_reads_back_equal_and_is_a_layer() {
    let network = Network::from(two_inputs());
    let json = serde_json::to_string(&network).unwrap();
    assert!(
        json.starts_with(r#"{"functional":{"inputs":["input_1","input_2"],"nodes":[{"name":"left""#),
        "{json}"
    );
    assert_eq!(serde_json::from_str::<Network>(&json).unwrap(), network);
    assert_eq!(
        (network.inputs(), network.outputs()),
        (vec!["input_1".into(), "input_2".into()], vec!["linear_4".into()])
    );
    let entry: Entry<dyn Layer> = two_inputs().into();
    assert_eq!(Entry::from_json(&entry.to_json().unwrap()).unwrap(), entry);
    // As the node of another network its tensors are called after both.
    let outer = Network::from(Functional::of(|[a, b]| {
        a.join(two_inputs(), &[b]).named("inner").then(TANH)
    }));
    let tensors = outer
        .tensors(&[type_of(&[5, 3]), type_of(&[5, 2])], DType::F64)
        .unwrap();
    assert_eq!(names(&tensors)[..2], ["inner.left.weight", "inner.left.bias"]);
}

#[test]
fn names_are_stable_and_what_no_output_needs_is_left_out() {
    let network = Functional::with_outputs(|[x]| {
        let unused = x.then(Linear::new(9));
        let a = x.then(Linear::new(1));
        let b = x.then(Linear::new(2)).named("linear_1");
        let _ = unused.then(TANH);
        [a, b]
    });
    let layers: Vec<_> = network
        .nodes
        .iter()
        .map(|node| (node.name.as_str(), &node.inputs[..]))
        .collect();
    // The first `linear` is left out and keeps its number; the third one's name is given.
    assert_eq!(
        layers,
        [
            ("linear_3", &["input".to_owned()][..]),
            ("linear_1", &["input".to_owned()])
        ]
    );
    assert_eq!(network.outputs, ["linear_3", "linear_1"]);
    network.check().unwrap();
    let identity = Functional::of(|[x]| x.named("pixels"));
    assert_eq!(
        (&identity.inputs, &identity.outputs),
        (&vec!["pixels".to_owned()], &vec!["pixels".to_owned()])
    );
    identity.check().unwrap();
    let norm = Functional::of(|[x]| x.then(BatchNorm::default()));
    assert_eq!(
        (norm.min_batch_size(), Network::from(identity).min_batch_size()),
        (2, 1)
    );
}

#[test]
fn several_outputs_are_returned_in_their_order() {
    let network = Network::from(Functional::with_outputs(|[x]| [x + x, x * x, x.concat(x)]));
    let graph = Graph::dynamic();
    let nothing = Params::new();
    let scope = Scope::new(&graph, DType::F64, Mode::Eval, scope::leaves(&graph, &nothing));
    let x = graph.constant(Tensor::from([[1.0, 3.0]]));
    let outputs = network.forward(&scope, &[x]);
    let values: Vec<_> = outputs.iter().map(|y| y.value().unwrap().to_f64()).collect();
    assert_eq!(values, [vec![2.0, 6.0], vec![1.0, 9.0], vec![1.0, 3.0, 1.0, 3.0]]);
}

fn merged(layer: &dyn Layer, xs: &[Tensor]) -> rosenblatt_tensor::Result<Tensor> {
    let graph = Graph::dynamic();
    let nothing = Params::new();
    let scope = Scope::new(&graph, DType::F64, Mode::Eval, scope::leaves(&graph, &nothing));
    let xs: Vec<_> = xs.iter().map(|x| graph.constant(x.clone())).collect();
    let y = scope.join("m", layer, &xs);
    scope.finish()?;
    y.value()
}

#[test]
fn layers_merge_any_number_of_inputs() {
    let [a, b] = [Tensor::from([[1.0, 2.0]]), Tensor::from([[10.0], [20.0]])];
    let of = |layer: &dyn Layer, xs: &[&Tensor]| {
        let xs: Vec<Tensor> = xs.iter().map(|x| (*x).clone()).collect();
        merged(layer, &xs).unwrap().to_f64()
    };
    assert_eq!(of(&Add {}, &[&a, &b, &a]), [12.0, 14.0, 22.0, 24.0]);
    assert_eq!(of(&Multiply {}, &[&a, &b]), [10.0, 20.0, 20.0, 40.0]);
    assert_eq!(of(&Concat { axis: 0 }, &[&a, &a]), [1.0, 2.0, 1.0, 2.0]);
    let ten: Vec<&Tensor> = vec![&a; 10];
    assert_eq!(of(&Concat::default(), &ten), [1.0, 2.0].repeat(10));
    assert_eq!(of(&Concat::default(), &[&a]), [1.0, 2.0]);
}

#[test]
fn rescale_makes_numbers_of_bytes() {
    let bytes = Tensor::from_vec(vec![0u8, 51, 255], &[1, 3]).unwrap();
    let (factor, offset) = (1.0 / 255.0, 0.0);
    assert_eq!(
        merged(&Rescale { factor, offset }, std::slice::from_ref(&bytes))
            .unwrap()
            .to_f64(),
        [0.0, 51.0 / 255.0, 1.0]
    );
    let centered = merged(
        &Rescale {
            factor: 2.0,
            offset: -1.0,
        },
        &[bytes],
    )
    .unwrap();
    assert_eq!(
        (centered.dtype(), centered.to_f64()),
        (DType::F64, vec![-1.0, 101.0, 509.0])
    );
}

#[test]
fn outputs_are_recorded_by_path_inner_layers_first_and_again_with_a_number() {
    let graph = Graph::dynamic();
    let nothing = Params::new();
    let scope = Scope::new(&graph, DType::F64, Mode::Eval, scope::leaves(&graph, &nothing));
    let network = Sequential::new().then(TANH).then(Sequential::new().then(RELU));
    let x = graph.constant(Tensor::from([0.5, -0.5]));
    let once = scope.apply("layers", &network, x);
    let twice = scope.apply("layers", &network, once);
    let found = scope.finish().unwrap();
    let paths: Vec<&str> = found.outputs.iter().map(|(path, _)| path.as_str()).collect();
    let first = ["layers.0", "layers.1.0", "layers.1", "layers"];
    let again = ["layers.0#2", "layers.1.0#2", "layers.1#2", "layers#2"];
    assert_eq!(paths, [first, again].concat());
    assert_eq!(found.output_of("layers").unwrap().id(), once.id());
    assert_eq!(found.output_of("layers.1.0#2").unwrap().id(), twice.id());
    assert!(found.output_of("layers.2").is_none());
}

#[test]
fn an_equal_layer_under_one_path_shares_its_weights_and_draws_anew() {
    let weights = Params::from([
        ("l.weight".into(), random("w", &[3, 3])),
        ("l.bias".into(), random("b", &[3])),
    ]);
    let graph = Graph::dynamic();
    let scope = Scope::new(
        &graph,
        DType::F64,
        mode(&graph, Some([1, 2])),
        scope::leaves(&graph, &weights),
    );
    let x = graph.constant(random("x", &[64, 3]));
    let once = scope.apply("l", &Linear::new(3), x);
    let y = scope.apply("l", &Linear::new(3), once);
    let drop = Dropout { p: 0.5 };
    let [a, b] = [0, 1].map(|_| scope.apply("d", &drop, x).value().unwrap().to_f64());
    assert_ne!(a, b, "a mask of its own for each application");
    let found = scope.finish().unwrap();
    assert_eq!(found.tensors.len(), 2);
    let gradient = reverse::gradients(y.sum_all(), &[found.tensors[1].1])[0]
        .value()
        .unwrap()
        .to_f64();
    // ∂/∂b of Σ W (W x + b) + b: 64 (1 + column sums of W).
    let w = weights["l.weight"].to_f64();
    let expected: Vec<f64> = (0..3).map(|j| 64.0 * (1.0 + w[j] + w[3 + j] + w[6 + j])).collect();
    assert_close(gradient, expected, 1e-12);
}

/// A rule that is no gradient step: Hebb's, `W ← W + y xᵀ`.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Hebb {}

impl Config for Hebb {
    const NAME: &'static str = "test_hebb";
}

impl Layer for Hebb {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let weight = scope.weight("weight", &[1, 2]);
        let y = x.matmul(weight.matrix_transpose());
        scope.update("weight", weight + y.matrix_transpose().matmul(x));
        y
    }
}

#[test]
fn a_layer_may_set_its_own_parameter_and_buffers_follow_each_other() {
    let params = Params::from([
        ("h.weight".into(), Tensor::from([[1.0, 2.0]])),
        ("b.running_mean".into(), Tensor::from([0.0])),
        ("b.running_var".into(), Tensor::from([1.0])),
    ]);
    for (counter, updates) in [(Some([0, 0]), 3), (None, 0)] {
        let graph = Graph::dynamic();
        let scope = Scope::new(
            &graph,
            DType::F64,
            mode(&graph, counter),
            scope::leaves(&graph, &params),
        );
        let y = scope.apply("h", &Hebb {}, graph.constant(Tensor::from([[3.0, 1.0]])));
        assert_eq!(y.value().unwrap().to_f64(), [5.0]);
        let norm = BatchNorm {
            affine: false,
            momentum: 0.5,
            ..BatchNorm::default()
        };
        for x in [[[1.0], [3.0]], [[5.0], [7.0]]] {
            scope.apply("b", &norm, graph.constant(Tensor::from(x)));
        }
        let found = scope.finish().unwrap();
        assert_eq!(found.updates.len(), updates);
        if updates == 0 {
            continue;
        }
        let new = |name: &str| found.update_of(name).unwrap().value().unwrap().to_f64();
        assert_eq!(new("h.weight"), [16.0, 7.0]);
        // Means 2 and 6, one after the other: (0 + 2) / 2, then (1 + 6) / 2.
        assert_eq!(new("b.running_mean"), [3.5]);
    }
}

#[test]
fn draws_are_random_in_training_and_their_expectation_in_evaluation() {
    let nothing = Params::new();
    let draw = |counter: Option<[i64; 2]>| {
        let graph = Graph::dynamic();
        let scope = Scope::new(
            &graph,
            DType::F64,
            mode(&graph, counter),
            scope::leaves(&graph, &nothing),
        );
        let draws = [
            scope.bernoulli("b", 0.25, &[4000]),
            scope.normal("n", &[4000]),
            scope.uniform("u", &[4000]),
            scope.uniform("u", &[4000]),
        ];
        draws.map(|draw| draw.value().unwrap().to_f64())
    };
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let [b, n, u, again] = draw(Some([7, 1]));
    assert!(b.iter().all(|&b| b == 0.0 || b == 1.0) && u != again);
    // Five standard errors.
    assert!((mean(&b) - 0.25).abs() < 0.035 && mean(&n).abs() < 0.08 && (mean(&u) - 0.5).abs() < 0.023);
    assert_eq!(draw(Some([7, 1])), [b, n, u, again]);
    assert_eq!(
        draw(None),
        [vec![0.25; 4000], vec![0.0; 4000], vec![0.5; 4000], vec![0.5; 4000]]
    );
}

#[test]
fn fans_follow_from_the_shape_of_a_weight() {
    let shapes: [&[usize]; 4] = [&[5, 3], &[8, 4, 3, 3], &[7], &[]];
    let fans = [(3, 5), (36, 72), (7, 1), (1, 1)];
    for (shape, (fan_in, fan_out)) in shapes.into_iter().zip(fans) {
        let tensors = scope::tensors_of(type_of(&[1]), |scope, _| scope.weight("w", shape)).unwrap();
        assert_eq!(
            tensors[0].role,
            rosenblatt_nn::Role::Parameter(Init::Weight { fan_in, fan_out })
        );
    }
}

/// What training reads and what is predicted, with weights that make the last linear layer the identity.
fn linked(network: impl Into<Network>, loss: &dyn Loss, width: usize) -> rosenblatt_tensor::Result<[Vec<f64>; 2]> {
    let network = network.into();
    let identity: Vec<f64> = (0..width * width)
        .map(|i| f64::from(u8::from(i % (width + 1) == 0)))
        .collect();
    let specs = network.tensors(&[type_of(&[2, width])], DType::F64).unwrap();
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
fn the_link_of_another_loss_is_refused_with_a_hint() {
    let linear = || Sequential::new().then(Linear::new(3));
    for (network, loss, message, hint) in [
        (
            linear().then(SIGMOID),
            &CrossEntropy::default() as &dyn Loss,
            "the loss takes logits or an output that ends with `softmax`, got one with `sigmoid`",
            "remove the last layer, write `softmax` instead, or use a loss such as `bce_with_logits`",
        ),
        (
            linear().then(Softmax {}),
            &BceWithLogits::default(),
            "the loss takes logits or an output that ends with `sigmoid`, got one with `softmax`",
            "remove the last layer, write `sigmoid` instead, or use a loss such as `cross_entropy`",
        ),
    ] {
        let error = linked(network, loss, 3).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str(), error.hint_text()),
            (ErrorKind::Config, message, Some(hint))
        );
    }
}
