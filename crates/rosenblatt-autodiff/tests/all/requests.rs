//! Requests a plan could get wrong in silence: states that feed each other, results that are no results of their own.

use rosenblatt_autodiff::plan::{Options, Plan, RunStatus, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Var, forward};
use rosenblatt_tensor::{DType, Isa, Shape, Tensor};

fn shape(sizes: &[usize]) -> Shape {
    Shape::new(sizes).unwrap()
}

fn vector(values: &[f32]) -> Tensor {
    Tensor::from_slice(values, &[values.len()]).unwrap()
}

/// Compiles, writes the states, runs once; returns how it ended, the outputs and the states.
fn run(
    request: &Signature<'_>,
    states: &[(&str, Tensor)],
    inputs: &[&Tensor],
    threads: usize,
) -> (RunStatus, Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let mut store = Variables::new(Engine::new(Isa::detect(), threads).unwrap());
    let plan = Plan::compile(request, &mut store, &Options::default()).unwrap();
    for (name, value) in states {
        store.write(name, value).unwrap();
    }
    let outcome = plan.run(&mut store, inputs).unwrap();
    let outputs = (0..request.outputs.len())
        .map(|i| plan.output(&store, i).unwrap().to_f64())
        .collect();
    let after = states
        .iter()
        .map(|(name, _)| store.read(name).unwrap().to_f64())
        .collect();
    (outcome, outputs, after)
}

/// The checked value and the next value in one chain: neither waits for the other.
#[test]
fn a_state_fed_by_the_checked_value_is_updated() {
    let graph = Graph::new(Execution::Static);
    let x = graph.input("x", DType::F32, shape(&[5]));
    let total = graph.variable("total", DType::F32, Shape::SCALAR);
    let l = x.sum_all() * 2.0;
    let request = Signature {
        inputs: vec![x],
        outputs: vec![l],
        updates: vec![(total, total + l)],
        check: Some(l),
    };
    let x = vector(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    let (outcome, outputs, states) = run(&request, &[("total", Tensor::scalar(1.0f32))], &[&x], 1);
    assert_eq!(
        (outcome, outputs, states),
        (RunStatus::Done, vec![vec![30.0]], vec![vec![31.0]])
    );
    let x = vector(&[1.0, f32::NAN, 3.0, 4.0, 5.0]);
    let (outcome, _, states) = run(&request, &[("total", Tensor::scalar(1.0f32))], &[&x], 1);
    assert_eq!(
        (outcome, states),
        (RunStatus::Stopped, vec![vec![1.0]]),
        "nothing is written after a failed check"
    );
}

#[test]
fn states_that_feed_each_other_see_the_old_values() {
    let graph = Graph::new(Execution::Static);
    let [a, b] = ["a", "b"].map(|name| graph.variable(name, DType::F32, shape(&[2])));
    let swap = Signature {
        outputs: vec![a],
        updates: vec![(a, b), (b, a)],
        ..Signature::default()
    };
    let start = [("a", vector(&[1.0, 2.0])), ("b", vector(&[3.0, 4.0]))];
    let (_, outputs, states) = run(&swap, &start, &[], 1);
    assert_eq!(
        (outputs, states),
        (vec![vec![1.0, 2.0]], vec![vec![3.0, 4.0], vec![1.0, 2.0]])
    );

    let graph = Graph::new(Execution::Static);
    let [prev, w] = ["prev", "w"].map(|name| graph.variable(name, DType::F32, shape(&[2])));
    let request = Signature {
        outputs: vec![w],
        updates: vec![(prev, w), (w, w * 10.0)],
        ..Signature::default()
    };
    let (_, outputs, states) = run(
        &request,
        &[("prev", vector(&[0.0, 0.0])), ("w", vector(&[1.0, 2.0]))],
        &[],
        1,
    );
    assert_eq!(
        (outputs, states),
        (vec![vec![1.0, 2.0]], vec![vec![1.0, 2.0], vec![10.0, 20.0]])
    );
}

#[test]
fn results_may_be_next_states_inputs_constants_and_views() {
    let graph = Graph::new(Execution::Static);
    let x = graph.input("x", DType::F32, shape(&[2, 4]));
    let w = graph.variable("w", DType::F32, shape(&[3, 4]));
    let y = x.matmul(w.matrix_transpose());
    let g = rosenblatt_autodiff::reverse::gradients(y.sum_all(), &[w])[0];
    let next = w - 0.5 * g;
    let request = Signature {
        inputs: vec![x],
        outputs: vec![next, x, graph.constant(Tensor::scalar(7.0f32)), y.matrix_transpose()],
        updates: vec![(w, next)],
        check: Some(x.slice(0, 0, 1).slice(1, 0, 1).reshape(&[])),
    };
    let x = Tensor::from_vec((0..8).map(|i| i as f32).collect(), &[2, 4]).unwrap();
    let w = Tensor::from_vec((0..12).map(|i| i as f32).collect(), &[3, 4]).unwrap();
    let (outcome, outputs, states) = run(&request, &[("w", w.clone())], &[&x], 1);
    // The gradient of Σ x wᵀ is, in each row, the column sums of x: 4, 6, 8, 10.
    let want: Vec<f64> = w
        .to_f64()
        .iter()
        .enumerate()
        .map(|(i, w)| w - 0.5 * [4.0, 6.0, 8.0, 10.0][i % 4])
        .collect();
    assert_eq!(outcome, RunStatus::Done);
    assert_eq!((&outputs[0], &states[0]), (&want, &want));
    assert_eq!((outputs[1].clone(), outputs[2].clone()), (x.to_f64(), vec![7.0]));
    assert_eq!(outputs[3], [14.0, 38.0, 38.0, 126.0, 62.0, 214.0]);
}

#[test]
fn large_integers_are_told_apart() {
    let graph = Graph::new(Execution::Static);
    let one = |i: i64| graph.constant(Tensor::from_vec(vec![i], &[1]).unwrap());
    let x = graph.input("x", DType::I64, shape(&[1]));
    let outputs = vec![
        x.eq(one(1 << 53)).cast(DType::F32),
        x.eq(one((1 << 53) + 1)).cast(DType::F32),
    ];
    let request = Signature {
        inputs: vec![x],
        outputs,
        ..Signature::default()
    };
    let x = Tensor::from_vec(vec![1i64 << 53], &[1]).unwrap();
    assert_eq!(run(&request, &[], &[&x], 1).1, [[1.0], [0.0]]);
}

#[test]
fn an_impossible_index_stops_the_run_before_a_state_is_written() {
    let graph = Graph::new(Execution::Static);
    let rows = graph.input("rows", DType::I64, shape(&[2]));
    let w = graph.variable("w", DType::F32, shape(&[2]));
    let request = Signature {
        inputs: vec![rows],
        outputs: vec![w * 1.0],
        updates: vec![(w, (w + w.take(rows)) * w)],
        check: None,
    };
    let mut store = Variables::new(Engine::single());
    let plan = Plan::compile(&request, &mut store, &Options::default()).unwrap();
    store.write("w", &vector(&[1.0, 2.0])).unwrap();
    let bad = Tensor::from_vec(vec![0i64, 5], &[2]).unwrap();
    assert!(plan.run(&mut store, &[&bad]).is_err());
    assert_eq!(store.read("w").unwrap().to_f64(), [1.0, 2.0]);
}

/// A number every thread computes for itself, and work that threads share.
#[test]
fn private_numbers_do_not_take_over_shared_memory() {
    let graph = Graph::new(Execution::Static);
    let x = graph.input("x", DType::F32, shape(&[200, 200]));
    let y = x.matmul(x);
    let root = y.reshape(&[40_000]).sum(&[0], true).sqrt();
    let request = Signature {
        inputs: vec![x],
        outputs: vec![root, y],
        ..Signature::default()
    };
    let x = Tensor::from_vec(vec![0.5f32; 40_000], &[200, 200]).unwrap();
    assert_eq!(run(&request, &[], &[&x], 2).1[0], [f64::from(2_000_000f32.sqrt())]);
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let (graph, other) = (Graph::new(Execution::Static), Graph::new(Execution::Static));
    let w = graph.variable("w", DType::F32, shape(&[2]));
    let strange: Var<'_> = other.variable("v", DType::F32, shape(&[2]));
    let not_a_state = w * 2.0;
    let wrong_shape = w.sum_all();
    for updates in [vec![(w, strange)], vec![(not_a_state, w)], vec![(w, wrong_shape)]] {
        let request = Signature {
            outputs: vec![w],
            updates,
            ..Signature::default()
        };
        assert!(Plan::compile(&request, &mut Variables::new(Engine::single()), &Options::default()).is_err());
    }
}

/// x twice, and x with something made of it: every direction counts.
#[test]
fn directions_add_up() {
    let graph = Graph::dynamic();
    let x = graph.constant(Tensor::scalar(3.0f64));
    let one = graph.constant(Tensor::scalar(1.0f64));
    let h = x * x;
    let y = h * 1.0;
    let along = |wrt: &[Var<'_>]| {
        forward::jvp(&[y], wrt, &vec![one; wrt.len()])[0]
            .value()
            .unwrap()
            .item()
            .unwrap()
    };
    assert_eq!(along(&[x]), 6.0);
    assert_eq!(along(&[x, x]), 12.0);
    assert_eq!(along(&[x, h]), 7.0);
}

/// One task cannot store a value and read other elements of it.
#[test]
fn other_elements_of_a_value_are_read_after_it_is_whole() {
    type Build = for<'g> fn(Var<'g>, Var<'g>) -> Var<'g>;
    let cases: [(&str, Build); 7] = [
        ("a product and its first row", |x, w| {
            let y = x.matmul(w);
            y - y.slice(0, 0, 1)
        }),
        ("a value and its first column", |x, _| {
            let e = x.exp();
            e - e.slice(1, 0, 1)
        }),
        ("a value and its transpose", |x, _| {
            let e = x.exp();
            e * e.matrix_transpose() + e
        }),
        ("a product and its transpose", |x, w| {
            let y = x.matmul(w);
            y * y.matrix_transpose() + y
        }),
        ("an operand and its product", |x, w| {
            let e = x.exp();
            e.matmul(w) * e + e
        }),
        ("sums of columns and the first of them", |x, _| {
            let sums = x.exp().sum(&[0], false);
            sums - sums.slice(0, 0, 1)
        }),
        ("rows around their mean", |x, w| {
            let y = x.matmul(w);
            let first = y.slice(-1, 0, 1).stop_gradient();
            let shifted = y - first;
            (shifted - shifted.mean(&[-1], true)) * (first + shifted.mean(&[-1], true))
        }),
    ];
    let tensor = |factor: usize| {
        let values = (0..33 * 33).map(|i| ((i * factor) % 101) as f32 / 50.0 - 1.0).collect();
        Tensor::from_vec(values, &[33, 33]).unwrap()
    };
    let (x, w) = (tensor(37), tensor(61));
    for (name, build) in cases {
        let graph = Graph::dynamic();
        let expected = build(graph.constant(x.clone()), graph.constant(w.clone()))
            .value()
            .unwrap()
            .to_f64();
        let graph = Graph::new(Execution::Static);
        let [a, b] = ["x", "w"].map(|name| graph.input(name, DType::F32, shape(&[33, 33])));
        let request = Signature {
            inputs: vec![a, b],
            outputs: vec![build(a, b)],
            ..Signature::default()
        };
        for threads in 1..=3 {
            let (_, outputs, _) = run(&request, &[], &[&x, &w], threads);
            assert!(outputs[0] == expected, "{name}, {threads} threads");
        }
    }
}

#[test]
fn a_name_of_nothing_to_switch_off_is_an_error() {
    let graph = Graph::new(Execution::Static);
    let x = graph.input("x", DType::F32, Shape::SCALAR);
    let signature = Signature {
        inputs: vec![x],
        outputs: vec![x * 2.0],
        ..Signature::default()
    };
    let options = Options {
        without: vec!["areena".to_owned()],
    };
    let mut variables = Variables::new(Engine::single());
    let Err(error) = Plan::compile(&signature, &mut variables, &options) else {
        panic!("`areena` was accepted");
    };
    assert_eq!(error.message(), "no rewrite or choice of a plan is called `areena`");
    assert!(format!("{error:?}").contains("did you mean `arena`?"), "{error:?}");
}
