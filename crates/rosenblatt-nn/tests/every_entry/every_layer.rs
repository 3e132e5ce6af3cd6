//! Laws of layers.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Execution, Graph, Type, Var, reverse};
use rosenblatt_nn::activations::{RELU, TANH};
use rosenblatt_nn::layers::{LAYERS, Linear, Maxout, Sequential};
use rosenblatt_nn::{Entry, Init, Layer, Mode, Role, Scope, TensorSpec, scope};
use rosenblatt_tensor::{DType, Error, ErrorKind, Result, Shape, Tensor};

use crate::common::{check_gradients, random, registry_laws};

const SHAPES: [&[usize]; 7] = [&[5, 4], &[1, 1], &[0, 3], &[3, 0], &[2, 3, 4], &[2, 6], &[2, 2, 3, 4]];

/// Files that several layers share, or that are two layers: for sequences and for images.
const HELPERS: [&str; 10] = [
    "adaptive_avg_pool",
    "adaptive_max_pool",
    "avg_pool",
    "conv",
    "gate",
    "max_pool",
    "merge",
    "moments",
    "port",
    "spatial",
];

#[test]
fn every_file_is_registered_and_every_entry_is_plain_data() {
    registry_laws::<dyn Layer>("src/layers", &HELPERS);
}

#[test]
fn gradients_match_central_differences_in_training_and_prediction() {
    for layer in LAYERS.iter().flat_map(|registration| registration.examples()) {
        for shape in SHAPES.into_iter().filter(|shape| takes(&layer, shape)) {
            for counter in [None, Some([3, 5])] {
                println!("{layer} {shape:?} {counter:?}");
                let x = input(&layer, shape);
                let specs = tensors(&layer, &x);
                let mut at: Vec<_> = specs.iter().map(some_value).collect();
                // Integers have no gradient.
                let index = (!x.dtype().is_float()).then(|| x.clone());
                if index.is_none() {
                    at.insert(0, x);
                }
                check_gradients(&at, |graph, x| {
                    let index = index.iter().map(|index| graph.constant(index.clone()));
                    let x: Vec<_> = index.chain(x.iter().copied()).collect();
                    let y = forward(graph, &*layer, &x, &specs, counter).unwrap();
                    let weight = graph.constant(random("dy", &y.shape()));
                    (y * weight).sum_all()
                });
            }
        }
    }
}

/// Random numbers, or integers below 5 for a layer that looks them up.
fn input(layer: &Entry<dyn Layer>, shape: &[usize]) -> Tensor {
    if layer.name() != "embedding" {
        return random("x", shape);
    }
    let codes = (0..shape.iter().product()).map(|i: usize| (i * 3 % 5) as i64).collect();
    Tensor::from_vec(codes, shape).unwrap()
}

/// The tensors of a layer for some rows, and values for all that it reads, the rows first.
pub fn operands(layer: &Entry<dyn Layer>, x: Tensor) -> (Vec<TensorSpec>, Vec<Tensor>) {
    let specs = tensors(layer, &x);
    let at = std::iter::once(x).chain(specs.iter().map(some_value)).collect();
    (specs, at)
}

fn tensors(layer: &Entry<dyn Layer>, x: &Tensor) -> Vec<TensorSpec> {
    let types = [Type::of(x)];
    scope::tensors_for(&types, DType::F64, |scope, xs| {
        scope.apply("layer", &**layer, xs[0]);
    })
    .unwrap()
}

/// A layer takes rows of any width, but those whose settings say what the first features are need these, and those that
/// make one feature of several need some for each; channels have something after them; and a group is more than one number.
fn takes(layer: &Entry<dyn Layer>, shape: &[usize]) -> bool {
    let named = layer
        .fields()
        .get("values")
        .and_then(|values| values.as_array().map(Vec::len));
    let features = shape.last().copied().unwrap_or(0);
    // Sequences and images may lack the axis for channels, and are not empty.
    let axes = layer.window_axes();
    if axes > 0 {
        return (axes + 1..=axes + 2).contains(&shape.len()) && features > 0;
    }
    match layer.name() {
        "instance_norm" | "spatial_dropout" => shape.len() >= 3,
        "group_norm" => shape[1..].iter().product::<usize>() != 1,
        _ => features >= named.unwrap_or(0) && features % layer.inputs_per_output() == 0,
    }
}

/// Five rows that a layer takes.
pub fn rows_for(layer: &Entry<dyn Layer>) -> &'static [usize] {
    if takes(layer, &[5, 12]) { &[5, 12] } else { &[5, 4, 3] }
}

/// Random numbers for a parameter; numbers near its first one for a buffer, which may be a variance.
fn some_value(spec: &TensorSpec) -> Tensor {
    let value = random(&spec.name, &spec.shape);
    match spec.role {
        Role::Parameter(_) => value,
        Role::Buffer { start } => {
            let near = value.to_f64().into_iter().map(|x| start + x / 2.0).collect();
            Tensor::from_vec::<f64>(near, &spec.shape).unwrap()
        }
    }
}

/// `x[0]` through a layer whose tensors are the others.
pub fn forward<'g>(
    graph: &'g Graph,
    layer: &dyn Layer,
    x: &[Var<'g>],
    specs: &[TensorSpec],
    counter: Option<[i64; 2]>,
) -> Result<Var<'g>> {
    let named: BTreeMap<String, Var<'g>> = specs
        .iter()
        .map(|s| s.name.clone())
        .zip(x[1..].iter().copied())
        .collect();
    let source = move |spec: &TensorSpec| {
        named
            .get(&spec.name)
            .copied()
            .ok_or_else(|| Error::shape("not recorded"))
    };
    let dtype = Some(x[0].dtype())
        .filter(|dtype| dtype.is_float())
        .unwrap_or(DType::F64);
    let scope = Scope::new(graph, dtype, mode(graph, counter), source);
    let y = scope.apply("layer", layer, x[0]);
    scope.finish().map(|_| y)
}

pub fn mode(graph: &Graph, counter: Option<[i64; 2]>) -> Mode<'_> {
    match counter {
        Some(counter) => Mode::Training {
            counter: graph.constant(Tensor::from_vec(counter.to_vec(), &[2]).unwrap()),
        },
        None => Mode::Eval,
    }
}

pub fn run(layer: &dyn Layer, x: Tensor, counter: Option<[i64; 2]>) -> Result<Tensor> {
    let values = BTreeMap::new();
    let graph = Graph::dynamic();
    let x = graph.constant(x);
    let scope = Scope::new(&graph, x.dtype(), mode(&graph, counter), scope::leaves(&graph, &values));
    let y = scope.apply("layers.0", layer, x);
    scope.finish()?;
    y.value()
}

#[test]
fn rows_do_not_look_at_each_other() {
    for layer in LAYERS.iter().flat_map(|registration| registration.examples()) {
        println!("{layer}");
        // Numbers between −1 and 1 are the code 0.
        let whole = input(&layer, rows_for(&layer));
        let specs = tensors(&layer, &whole);
        let values = |x: Tensor| {
            let graph = Graph::dynamic();
            let mut at = vec![graph.constant(x)];
            at.extend(specs.iter().map(|spec| graph.constant(some_value(spec))));
            forward(&graph, &*layer, &at, &specs, None)
                .unwrap()
                .value()
                .unwrap()
                .to_f64()
        };
        let parts: Vec<f64> = [0..1, 1..4, 4..5]
            .into_iter()
            .flat_map(|r| values(whole.slice(0, r.start, r.end).unwrap()))
            .collect();
        assert_eq!(values(whole.clone()), parts);
    }
}

#[test]
fn linear_names_its_parameters_and_says_what_they_are() {
    let rows = Type::new(DType::F32, Shape::new(&[8, 2]).unwrap());
    let [weight, bias] = &scope::tensors("layers.0", &Linear::new(3), rows).unwrap()[..] else {
        panic!("two tensors")
    };
    assert_eq!(
        (weight.name.as_str(), &weight.shape[..]),
        ("layers.0.weight", &[3, 2][..])
    );
    assert_eq!(weight.role, Role::Parameter(Init::Weight { fan_in: 2, fan_out: 3 }));
    assert_eq!((bias.name.as_str(), &bias.shape[..]), ("layers.0.bias", &[3][..]));
    assert_eq!(bias.role, Role::Parameter(Init::Bias { fan_in: 2 }));
    assert!(
        scope::tensors(
            "a",
            &Linear {
                out_features: 3,
                bias: false
            },
            rows
        )
        .unwrap()
        .len()
            == 1
    );
}

#[test]
fn nested_layers_are_named_by_position() {
    let inner = Sequential::new().then(RELU).then(Linear::new(2));
    let network = Sequential::new().then(Linear::new(3)).then(inner);
    let rows = Type::new(DType::F32, Shape::new(&[8, 2]).unwrap());
    let names: Vec<_> = scope::tensors("layers", &network, rows)
        .unwrap()
        .into_iter()
        .map(|spec| spec.name)
        .collect();
    assert_eq!(
        names,
        [
            "layers.0.weight",
            "layers.0.bias",
            "layers.1.1.weight",
            "layers.1.1.bias"
        ]
    );
}

#[test]
fn linear_is_x_times_w_transposed_plus_b() {
    let value = |data: &[f64], shape: &[usize]| Tensor::from_slice(data, shape).unwrap();
    let values = BTreeMap::from([
        ("l.weight".to_owned(), value(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[3, 2])),
        ("l.bias".to_owned(), value(&[0.5, 0.0, -0.5], &[3])),
    ]);
    for (x, shape) in [
        (value(&[1.0, -1.0], &[1, 2]), &[1, 3][..]),
        (value(&[1.0, -1.0], &[2]), &[3]),
    ] {
        let graph = Graph::dynamic();
        let scope = Scope::new(&graph, DType::F64, Mode::Eval, scope::leaves(&graph, &values));
        let y = scope.apply("l", &Linear::new(3), graph.constant(x)).value().unwrap();
        assert_eq!(&y.shape()[..], shape);
        assert_eq!(y.to_f64(), [-0.5, -1.0, -1.5]);
    }
}

#[test]
fn wrong_shapes_are_errors_that_name_the_layer() {
    let graph = Graph::dynamic();
    let values = BTreeMap::from([("layers.1.weight".to_owned(), random("w", &[3, 4]))]);
    let network = Sequential::new().then(TANH).then(Linear {
        out_features: 3,
        bias: false,
    });
    let scope = Scope::new(&graph, DType::F64, Mode::Eval, scope::leaves(&graph, &values));
    scope.apply("layers", &network, graph.constant(random("x", &[2, 5])));
    let error = scope.finish().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    let text = "layers.1: linear: `layers.1.weight` is f64 [3, 4], but this network and its input need f64 [3, 5]";
    assert_eq!(error.to_string(), text);
}

#[test]
fn what_the_engine_refuses_names_the_layer_too() {
    let number = Tensor::scalar(1.0);
    for layer in [
        Entry::<dyn Layer>::parse("linear:3").ok(),
        Entry::named("flatten").ok(),
        Entry::named("softmax").ok(),
        Entry::named("layer_norm").ok(),
        Entry::named("batch_norm").ok(),
        Entry::named("rms_norm").ok(),
        Entry::parse("group_norm:groups=1").ok(),
        Entry::named("instance_norm").ok(),
        Entry::named("spatial_dropout").ok(),
    ] {
        let Some(layer) = layer else { continue };
        let error = run(&*layer, number.clone(), None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape, "{error}");
        assert!(
            error.to_string().starts_with(&format!("layers.0: {}: ", layer.name())),
            "{error}"
        );
    }
    let classes = Tensor::from_vec(vec![1i64, 2], &[2, 1]).unwrap();
    let error = run(&*Entry::<dyn Layer>::named("gelu").unwrap(), classes, None).unwrap_err();
    assert!(error.to_string().starts_with("layers.0: gelu: "), "{error}");
}

#[test]
fn a_width_that_does_not_fit_is_an_error_with_the_width() {
    for (layer, shape, message) in [
        (
            "glu",
            &[2, 3][..],
            "expected an even number of features, two for each output, got [2, 3]",
        ),
        (
            "reglu",
            &[],
            "expected an even number of features, two for each output, got []",
        ),
        (
            "maxout:3",
            &[2, 4],
            "expected a number of features that 3 divides, 3 for each output, got [2, 4]",
        ),
        ("prelu", &[3], "expected [batch, features, …], got [3]"),
        ("swish:learned=true", &[3], "expected [batch, features, …], got [3]"),
    ] {
        let layer = Entry::<dyn Layer>::parse(layer).unwrap();
        let error = run(&*layer, random("x", shape), None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
        assert_eq!(error.to_string(), format!("layers.0: {}: {message}", layer.name()));
    }
}

/// Piece by piece of all units, not unit by unit; equal pieces share the gradient.
#[test]
fn maxout_takes_the_largest_of_a_feature_of_each_piece() {
    let graph = Graph::dynamic();
    let x = graph.constant(Tensor::from_vec(vec![1.0, 5.0, 3.0, 2.0, 3.0, -6.0], &[1, 6]).unwrap());
    let y = forward(&graph, &Maxout { pieces: 3 }, &[x], &[], None).unwrap();
    assert_eq!(&y.shape()[..], [1, 2]);
    assert_eq!(y.value().unwrap().to_f64(), [3.0, 5.0]);
    let dx = reverse::gradients(y.slice(1, 0, 1).sum_all(), &[x])[0];
    assert_eq!(dx.value().unwrap().to_f64(), [0.0, 0.0, 0.5, 0.0, 0.5, 0.0]);
}

#[test]
fn a_missing_tensor_is_an_error_with_the_nearest_name() {
    let error = run(
        &Linear {
            out_features: 1,
            bias: false,
        },
        random("x", &[1, 1]),
        None,
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "layers.0: linear: there is no tensor `layers.0.weight`"
    );
}

/// Adds up what passes through, in a buffer.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Counter {}

impl rosenblatt_nn::Config for Counter {
    const NAME: &'static str = "counter";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Layer for Counter {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let seen = scope.buffer("seen", &[1], 2.0);
        if scope.training() {
            scope.update("seen", seen + x.sum_all());
        }
        x + seen
    }
}

#[test]
fn buffers_are_updated_in_training_and_read_in_prediction() {
    for (counter, updates) in [(None, 0), (Some([0, 0]), 1)] {
        let graph = Graph::dynamic();
        let values = BTreeMap::from([("c.seen".to_owned(), Tensor::from_vec(vec![2.0], &[1]).unwrap())]);
        let scope = Scope::new(
            &graph,
            DType::F64,
            mode(&graph, counter),
            scope::leaves(&graph, &values),
        );
        scope.apply(
            "c",
            &Counter {},
            graph.constant(Tensor::from_vec(vec![3.0, 4.0], &[2]).unwrap()),
        );
        let found = scope.finish().unwrap();
        assert_eq!(found.parameters().count(), 0);
        assert_eq!(found.tensors[0].0.role, Role::Buffer { start: 2.0 });
        assert_eq!(found.updates.len(), updates);
        for (name, value) in found.updates {
            assert_eq!(name, "c.seen");
            assert_eq!(value.value().unwrap().to_f64(), [9.0]);
        }
    }
}

#[test]
fn one_name_is_one_tensor() {
    let graph = Graph::new(Execution::Static);
    let state = |spec: &TensorSpec| Ok(graph.variable(spec.name.clone(), spec.dtype, spec.shape));
    let scope = Scope::new(&graph, DType::F64, Mode::Eval, state);
    let (first, again) = (scope.buffer("a", &[2], 0.0), scope.buffer("a", &[2], 0.0));
    assert_eq!(first.id(), again.id());
    scope.buffer("a", &[3], 0.0);
    assert!(scope.finish().is_err(), "the same name with another shape");
}
