//! What is settled where mathematics leaves a choice, or floating point sets a trap.

use rosenblatt_autodiff::ops::Distribution;
use rosenblatt_autodiff::{Graph, Var, forward, reverse};
use rosenblatt_tensor::{DType, ErrorKind, Tensor};
use rosenblatt_testkit::{Tolerance, assert_close};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// What, the function, operand, value, derivative (none where it is not settled).
type Row = (&'static str, for<'g> fn(Var<'g>) -> Var<'g>, f64, f64, Option<f64>);

const TABLE: &[Row] = &[
    ("relu at 0", |x| x.relu(), 0.0, 0.0, Some(0.0)),
    ("relu of NaN", |x| x.relu(), NAN, NAN, None),
    ("leaky_relu at 0", |x| x.leaky_relu(0.3), 0.0, 0.0, Some(0.3)),
    (
        "leaky_relu of −∞ with slope 0",
        |x| x.leaky_relu(0.0),
        -INF,
        0.0,
        Some(0.0),
    ),
    ("leaky_relu of NaN with slope 0", |x| x.leaky_relu(0.0), NAN, NAN, None),
    ("hard_tanh at −1", |x| x.hard_tanh(), -1.0, -1.0, Some(0.0)),
    ("hard_tanh at 1", |x| x.hard_tanh(), 1.0, 1.0, Some(0.0)),
    ("hard_sigmoid at −3", |x| x.hard_sigmoid(), -3.0, 0.0, Some(0.0)),
    ("hard_sigmoid at 3", |x| x.hard_sigmoid(), 3.0, 1.0, Some(0.0)),
    ("hard_logistic at −2", |x| x.hard_logistic(), -2.0, 0.0, Some(0.0)),
    ("hard_logistic at 2", |x| x.hard_logistic(), 2.0, 1.0, Some(0.0)),
    ("hard_swish at −3", |x| x.hard_swish(), -3.0, 0.0, Some(0.0)),
    ("hard_swish at 3", |x| x.hard_swish(), 3.0, 3.0, Some(1.0)),
    ("elu at 0", |x| x.elu(0.3), 0.0, 0.0, Some(0.3)),
    ("elu far above", |x| x.elu(0.3), 1e300, 1e300, Some(1.0)),
    ("elu just below 0", |x| x.elu(1.0), -1e-300, -1e-300, Some(1.0)),
    ("selu at 0", |x| x.selu(), 0.0, 0.0, Some(1.758_099_340_847_376_7)),
    ("softsign at 0", |x| x.softsign(), 0.0, 0.0, Some(1.0)),
    ("swish with β = 0", |x| x.swish(0.0), 3.0, 1.5, Some(0.5)),
    ("swish at 0", |x| x.swish(1e300), 0.0, 0.0, Some(0.5)),
    (
        "swish with a large β, above 0",
        |x| x.swish(1e300),
        1e-3,
        1e-3,
        Some(1.0),
    ),
    (
        "swish with a large β, below 0",
        |x| x.swish(1e300),
        -1e-3,
        0.0,
        Some(0.0),
    ),
    (
        "swish with a negative β, above 0",
        |x| x.swish(-1e300),
        1e300,
        0.0,
        Some(0.0),
    ),
    ("abs at 0", |x| x.abs(), 0.0, 0.0, Some(0.0)),
    ("abs at −0", |x| x.abs(), -0.0, 0.0, Some(0.0)),
    ("abs of a large number", |x| x.abs(), -1e300, 1e300, Some(-1.0)),
    (
        "clamp at its lower bound",
        |x| x.clamp(-1.0, 2.0),
        -1.0,
        -1.0,
        Some(0.0),
    ),
    ("clamp at its upper bound", |x| x.clamp(-1.0, 2.0), 2.0, 2.0, Some(0.0)),
    ("clamp inside", |x| x.clamp(-1.0, 2.0), 1.5, 1.5, Some(1.0)),
    ("clamp of NaN", |x| x.clamp(-1.0, 2.0), NAN, NAN, None),
    (
        "maximum of equals",
        |x| x.maximum(x.full_like(1.0)),
        1.0,
        1.0,
        Some(0.5),
    ),
    (
        "minimum of equals",
        |x| x.minimum(x.full_like(1.0)),
        1.0,
        1.0,
        Some(0.5),
    ),
    ("maximum with itself", |x| x.maximum(x), 1.0, 1.0, Some(1.0)),
    ("maximum of NaN", |x| x.maximum(x.full_like(1.0)), NAN, NAN, None),
    ("maximum with NaN", |x| x.maximum(x.full_like(NAN)), 1.0, NAN, None),
    ("minimum with NaN", |x| x.minimum(x.full_like(NAN)), 1.0, NAN, None),
    ("sqrt at 0", |x| x.sqrt(), 0.0, 0.0, Some(INF)),
    ("sqrt below 0", |x| x.sqrt(), -1.0, NAN, Some(NAN)),
    ("ln at 0", |x| x.ln(), 0.0, -INF, Some(INF)),
    ("x⁰ at 0", |x| x.pow(x.full_like(0.0)), 0.0, 1.0, Some(0.0)),
    ("x⁰ elsewhere", |x| x.pow(x.full_like(0.0)), -3.0, 1.0, Some(0.0)),
    (
        "x⁰ of a tiny number",
        |x| x.pow(x.full_like(0.0)),
        1e-310,
        1.0,
        Some(0.0),
    ),
    ("x⁰ of NaN", |x| x.pow(x.full_like(0.0)), NAN, 1.0, Some(0.0)),
    ("x⁰ of ∞", |x| x.pow(x.full_like(0.0)), INF, 1.0, Some(0.0)),
    ("x² below 0", |x| x.pow(x.full_like(2.0)), -3.0, 9.0, Some(-6.0)),
    ("x¹ at 0", |x| x.pow(x.full_like(1.0)), 0.0, 0.0, Some(1.0)),
    ("0ˣ above 0", |x| x.full_like(0.0).pow(x), 2.0, 0.0, Some(0.0)),
    ("0ˣ at 0", |x| x.full_like(0.0).pow(x), 0.0, 1.0, Some(0.0)),
    (
        "2ˣ at 0",
        |x| x.full_like(2.0).pow(x),
        0.0,
        1.0,
        Some(std::f64::consts::LN_2),
    ),
    ("√ of a negative base", |x| x.pow(x.full_like(0.5)), -1.0, NAN, None),
    ("sigmoid far below", |x| x.sigmoid(), -1e4, 0.0, Some(0.0)),
    ("sigmoid far above", |x| x.sigmoid(), 1e4, 1.0, Some(0.0)),
    ("tanh far below", |x| x.tanh(), -1e300, -1.0, Some(0.0)),
    ("softplus far above", |x| x.softplus(), 1e4, 1e4, Some(1.0)),
    ("softplus far below", |x| x.softplus(), -1e4, 0.0, Some(0.0)),
    ("gelu far below", |x| x.gelu(), -1e200, 0.0, Some(0.0)),
    ("gelu_tanh far below", |x| x.gelu_tanh(), -1e200, 0.0, Some(0.0)),
    ("gelu_tanh far above", |x| x.gelu_tanh(), 1e200, 1e200, Some(1.0)),
    ("silu far below", |x| x.silu(), -1e4, 0.0, Some(0.0)),
    ("stop_gradient", |x| x.stop_gradient(), 3.0, 3.0, Some(0.0)),
    ("flush of a tiny number", |x| x.flush(), 1e-280, 0.0, Some(1.0)),
    ("an operand used twice", |x| x * x + x, 3.0, 12.0, Some(7.0)),
    ("sign at 0", |x| x.sign(), 0.0, 0.0, Some(0.0)),
    ("sign of NaN", |x| x.sign(), NAN, NAN, None),
    ("norm at 0", |x| x.norm(), 0.0, 0.0, Some(0.0)),
    ("norm of NaN", |x| x.norm(), NAN, NAN, Some(NAN)),
    ("mean of one number", |x| x.mean_all(), 3.0, 3.0, Some(1.0)),
];

#[test]
fn the_table_holds() {
    for (what, function, x, value, derivative) in TABLE {
        println!("{what}");
        let graph = Graph::dynamic();
        let x = graph.constant(Tensor::scalar(*x));
        let y = function(x);
        assert_close(
            y.value().unwrap().item().unwrap(),
            *value,
            Tolerance::relative(1e-15).nan_equal(),
        );
        let gradient = reverse::gradients(y, &[x])[0].value().unwrap().item().unwrap();
        if let Some(derivative) = derivative {
            assert_close(gradient, *derivative, Tolerance::relative(1e-15).nan_equal());
        }
    }
    println!("cases: conventions {}", TABLE.len());
}

/// The same in f32, where ranges are shorter.
#[test]
fn no_derivative_is_nan_far_away_in_f32() {
    for (function, far) in [
        ((|x| x.gelu()) as for<'g> fn(Var<'g>) -> Var<'g>, 1e19_f32),
        (|x| x.gelu_tanh(), 1e38),
        (|x| x.silu(), 1e38),
        (|x| x.softplus(), 1e38),
    ] {
        for x in [far, -far] {
            let graph = Graph::dynamic();
            let x = graph.constant(Tensor::scalar(x));
            let y = function(x);
            let slope = reverse::gradients(y, &[x])[0].value().unwrap().item().unwrap();
            assert_eq!(
                slope,
                if x.value().unwrap().item().unwrap() > 0.0 {
                    1.0
                } else {
                    0.0
                }
            );
        }
    }
}

fn row<'g>(graph: &'g Graph, numbers: &[f64]) -> Var<'g> {
    graph.constant(Tensor::from_slice(numbers, &[1, numbers.len()]).unwrap())
}

fn numbers(x: Var<'_>) -> Vec<f64> {
    x.value().unwrap().to_f64()
}

#[test]
fn ties_of_max_share_evenly() {
    let graph = Graph::dynamic();
    let x = row(&graph, &[3.0, 1.0, 3.0, 3.0]);
    let gradient = reverse::gradients(x.max(&[1], false).sum_all(), &[x])[0];
    assert_close(numbers(gradient), [1.0 / 3.0, 0.0, 1.0 / 3.0, 1.0 / 3.0], 1e-15);
    assert!(numbers(row(&graph, &[1.0, NAN, INF]).max(&[1], false))[0].is_nan());
}

/// The Hessian of aᵇ by a and b, by reverse over reverse and by forward over reverse.
#[test]
fn powers_have_second_derivatives_at_exponent_0() {
    let ln2 = std::f64::consts::LN_2;
    // ∂²/∂a² = b (b − 1) aᵇ⁻², ∂²/∂a∂b = aᵇ⁻¹ (1 + b ln a), ∂²/∂b² = aᵇ ln² a
    let cases = [
        (2.0, 0.0, [0.0, 0.5, 0.5, ln2 * ln2]),
        (0.5, 0.0, [0.0, 2.0, 2.0, ln2 * ln2]),
        (1.0, 0.0, [0.0, 1.0, 1.0, 0.0]),
        (2.0, 1.0, [0.0, 1.0 + ln2, 1.0 + ln2, 2.0 * ln2 * ln2]),
        (2.0, 2.0, [2.0, 2.0 + 4.0 * ln2, 2.0 + 4.0 * ln2, 4.0 * ln2 * ln2]),
    ];
    for (a, b, expected) in cases {
        let graph = Graph::dynamic();
        let x = [a, b].map(|number| graph.constant(Tensor::scalar(number)));
        let gradient = reverse::gradients(x[0].pow(x[1]), &x);
        let item = |x: Var<'_>| x.value().unwrap().item().unwrap();
        let reverse: Vec<f64> = gradient
            .iter()
            .flat_map(|&g| reverse::gradients(g, &x))
            .map(item)
            .collect();
        assert_close(reverse, expected, 1e-14);
        let one = graph.constant(Tensor::scalar(1.0));
        let zero = graph.constant(Tensor::scalar(0.0));
        let along = |da, db| forward::jvp(&gradient, &x, &[da, db]);
        let forward: Vec<f64> = [along(one, zero), along(zero, one)]
            .concat()
            .into_iter()
            .map(item)
            .collect();
        assert_close(forward, expected, 1e-14);
    }
}

/// PyTorch's gradient of the norm at 0, and 0 for the higher orders too.
#[test]
fn the_norm_has_derivatives_at_0() {
    let graph = Graph::dynamic();
    let x = row(&graph, &[0.0, 0.0]);
    let gradient = reverse::gradients(x.norm(), &[x])[0];
    assert_eq!(numbers(gradient), [0.0, 0.0]);
    assert_eq!(numbers(reverse::gradients(gradient.sum_all(), &[x])[0]), [0.0, 0.0]);
    assert_eq!(
        numbers(forward::jvp(&[x.norm()], &[x], &[row(&graph, &[1.0, 1.0])])[0]),
        [0.0]
    );
    let x = row(&graph, &[3.0, 4.0]);
    assert_close(numbers(reverse::gradients(x.norm(), &[x])[0]), [0.6, 0.8], 1e-15);
}

#[test]
fn argmax_is_the_first() {
    let graph = Graph::dynamic();
    assert_eq!(numbers(row(&graph, &[1.0, 3.0, 3.0]).argmax(-1)), [1.0]);
    assert_eq!(numbers(row(&graph, &[1.0, NAN, 3.0, NAN]).argmax(-1)), [1.0]);
    assert_eq!(numbers(row(&graph, &[-INF, -INF]).matrix_transpose().argmax(0)), [0.0]);
}

#[test]
fn rows_that_have_no_softmax_are_nan() {
    let graph = Graph::dynamic();
    for bad in [[-INF, -INF], [INF, 0.0], [NAN, 0.0]] {
        assert!(
            numbers(row(&graph, &bad).softmax()).iter().all(|y| y.is_nan()),
            "{bad:?}"
        );
        assert!(
            numbers(row(&graph, &bad).log_softmax()).iter().all(|y| y.is_nan()),
            "{bad:?}"
        );
    }
    assert_eq!(numbers(row(&graph, &[-INF, 2.0]).softmax()), [0.0, 1.0]);
}

#[test]
fn nothing_has_a_sum_but_neither_mean_nor_largest() {
    let graph = Graph::dynamic();
    let nothing = row(&graph, &[]);
    assert_eq!(numbers(nothing.sum(&[1], false)), [0.0]);
    assert!(numbers(nothing.mean(&[1], false))[0].is_nan());
    assert_eq!(numbers(nothing.matmul(nothing.matrix_transpose())), [0.0]);
    let graph = Graph::dynamic();
    let error = row(&graph, &[]).max(&[1], false).value().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert!(
        error
            .to_string()
            .ends_with("max: no largest number along axes [1] of [1, 0]"),
        "{error}"
    );
    let graph = Graph::dynamic();
    assert_eq!(row(&graph, &[]).argmax(1).value().unwrap_err().kind(), ErrorKind::Shape);
}

#[test]
fn an_index_out_of_range_is_named() {
    let uses: [for<'g> fn(Var<'g>, Var<'g>) -> Var<'g>; 5] = [
        |x, i| x.matrix_transpose().take(i),
        |x, i| x.matrix_transpose().take(i).scatter_add(i, 3),
        |x, i| x.broadcast_to(&[2, 3]).take_along_axis(i),
        |x, i| x.broadcast_to(&[2, 3]).softmax_cross_entropy(i),
        |_, i| i.one_hot(3, DType::F32),
    ];
    for (case, apply) in uses.iter().enumerate() {
        for bad in [3, -1, i64::MIN] {
            let graph = Graph::dynamic();
            let index = graph.constant(Tensor::from_vec(vec![0, bad], &[2]).unwrap());
            let error = apply(row(&graph, &[1.0, 2.0, 3.0]), index).value().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Data, "{error}");
            assert!(
                error
                    .to_string()
                    .ends_with(&format!("index {bad} at position 1 is not below 3")),
                "{case}: {error}"
            );
        }
    }
}

/// `scatter_add` alone, not behind `take`.
#[test]
fn scatter_add_names_an_index_out_of_range() {
    let graph = Graph::dynamic();
    let index = graph.constant(Tensor::from_vec(vec![1_i64, 7], &[2]).unwrap());
    let error = row(&graph, &[1.0, 2.0])
        .matrix_transpose()
        .scatter_add(index, 7)
        .value()
        .unwrap_err();
    assert!(
        error.to_string().contains("index 7 at position 1 is not below 7"),
        "{error}"
    );
}

#[test]
fn many_parts_are_joined_in_order() {
    let graph = Graph::dynamic();
    let parts: Vec<Var<'_>> = (0..30).map(|i| row(&graph, &[f64::from(i), 0.5])).collect();
    let y = parts[0].concat(&parts[1..], -1);
    let expected: Vec<f64> = (0..30).flat_map(|i| [f64::from(i), 0.5]).collect();
    assert_eq!(numbers(y), expected);
    assert_eq!(
        numbers(reverse::gradients((y * y).sum_all(), &[parts[29]])[0]),
        [58.0, 1.0]
    );
    // More rows than are filled at once, and parts of several widths, one of them empty.
    let (rows, widths) = (300, [3, 0, 1, 2, 1, 1, 1, 1, 4, 1]);
    let value = |row: usize, column: usize| (100 * row + column) as f64;
    let mut parts = Vec::new();
    for (i, &width) in widths.iter().enumerate() {
        let before: usize = widths[..i].iter().sum();
        let part = (0..rows).flat_map(|row| (before..before + width).map(move |column| value(row, column)));
        let part = Tensor::from_vec(part.collect::<Vec<_>>(), &[rows, width]).unwrap();
        parts.push(graph.constant(part));
    }
    let expected: Vec<f64> = (0..rows)
        .flat_map(|row| (0..15).map(move |column| value(row, column)))
        .collect();
    assert_eq!(numbers(parts[0].concat(&parts[1..], 1)), expected);
}

#[test]
fn casts_saturate() {
    let graph = Graph::dynamic();
    let x = row(&graph, &[-1.5, 0.0, 300.7, INF, NAN, 0.5]);
    assert_eq!(numbers(x.cast(DType::U8)), [0.0, 0.0, 255.0, 255.0, 0.0, 0.0]);
    assert_eq!(
        x.cast(DType::I64).value().unwrap().to_vec::<i64>().unwrap(),
        [-1, 0, 300, i64::MAX, 0, 0]
    );
    assert_eq!(numbers(x.cast(DType::Bool)), [1.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
}

#[test]
fn a_gradient_passes_a_cast_as_the_operands_type() {
    let graph = Graph::dynamic();
    let x = graph.constant(Tensor::scalar(0.1_f64));
    let y = x.cast(DType::F32) * 3.0;
    let gradient = reverse::gradients(y, &[x])[0];
    assert_eq!((gradient.dtype(), numbers(gradient)), (DType::F64, vec![3.0]));
}

/// A number that is not finite is remembered under its name by a graph that computes at once.
#[test]
fn watched_values_are_named() {
    let graph = Graph::dynamic();
    let x = row(&graph, &[1.0, 0.0]);
    assert_eq!(numbers(x.check_finite("x")), [1.0, 0.0]);
    let _ = (x.full_like(1.0) / x).check_finite("loss");
    assert_eq!(graph.not_finite(), ["loss"]);
}

/// Seed, step and purpose each change the numbers; nothing else does.
#[test]
fn impossible_settings_are_config_errors() {
    let graph = Graph::dynamic();
    let counter = graph.constant(Tensor::from_vec(vec![5_i64, 0], &[2]).unwrap());
    let error = counter
        .random(Distribution::Bernoulli(1.5), "p", &[2], DType::F32)
        .value()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let graph = Graph::dynamic();
    let error = row(&graph, &[1.0]).clamp(2.0, 1.0).value().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error.to_string().contains("conventions.rs"),
        "the caller's place: {error}"
    );
}
