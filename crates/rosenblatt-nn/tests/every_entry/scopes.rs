//! What scopes record, share, update and draw.

use rosenblatt_autodiff::{Graph, Type, Var, reverse};
use rosenblatt_nn::activations::{RELU, TANH};
use rosenblatt_nn::layers::{BatchNorm, Dropout, Linear, Sequential};
use rosenblatt_nn::transform::Params;
use rosenblatt_nn::{Config, Init, Layer, Mode, Scope, scope};
use rosenblatt_tensor::{DType, Shape, Tensor};
use rosenblatt_testkit::assert_close;

use crate::common::random;
use crate::every_layer::mode;

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
        let tensors = scope::tensors_of(Type::new(DType::F64, Shape::new(&[1]).unwrap()), |scope, _| {
            scope.weight("w", shape)
        })
        .unwrap();
        assert_eq!(
            tensors[0].role,
            rosenblatt_nn::Role::Parameter(Init::Weight { fan_in, fan_out })
        );
    }
}
