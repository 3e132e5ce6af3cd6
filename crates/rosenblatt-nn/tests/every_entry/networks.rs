//! Networks as plain data, what scopes record, and links.

use rosenblatt_autodiff::{Graph, Type, Var};
use rosenblatt_nn::activations::{RELU, TANH};
use rosenblatt_nn::layers::{Add, Concat, Functional, Linear, Multiply, Rescale};
use rosenblatt_nn::transform::{Params, init};
use rosenblatt_nn::{Config, Entry, Layer, Mode, Network, Scope, TensorSpec, scope};
use rosenblatt_tensor::{DType, Shape, Tensor};
use rosenblatt_testkit::assert_close;

use crate::common::random;

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
