//! Recurrences: a scan against the same steps written one after the other, and against itself in other ways to run.

mod steps;

use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Var, forward, reverse};
use rosenblatt_tensor::rng::{Rng, Stream};
use rosenblatt_tensor::{Result, Tensor};

/// `(h, c)` after a step of an LSTM.
fn lstm_step<'g>([h, c]: [Var<'g>; 2], x: Var<'g>, [w, u, b]: [Var<'g>; 3]) -> [Var<'g>; 2] {
    let size = h.shape()[1];
    let z = x.matmul(w.matrix_transpose()) + h.matmul(u.matrix_transpose()) + b;
    let gate = |i: usize| z.slice(1, i * size, (i + 1) * size);
    let c = gate(1).sigmoid() * c + gate(0).sigmoid() * gate(2).tanh();
    [gate(3).sigmoid() * c.tanh(), c]
}

/// A number that depends on every output of an LSTM.
fn by_scan<'g>(x: &[Var<'g>; 6]) -> Var<'g> {
    let [xs, h, c, w, u, b] = *x;
    let ([h, c], [ys]) = h.graph().scan([h, c], [xs], |carry, [x]| {
        let [h, c] = lstm_step(carry, x, [w, u, b]);
        ([h, c], [h])
    });
    (ys * ys).sum_all() + (h * c).sum_all() + c.sum_all()
}

fn by_steps<'g>(x: &[Var<'g>; 6]) -> Var<'g> {
    let [xs, mut h, mut c, w, u, b] = *x;
    let mut total = h.full_like(0.0);
    for x in xs.steps(0) {
        [h, c] = lstm_step([h, c], x, [w, u, b]);
        total = total + (h * h).sum_all();
    }
    total + (h * c).sum_all() + c.sum_all()
}

fn arguments(steps: usize, batch: usize, inputs: usize, size: usize) -> [Tensor; 6] {
    let mut rng = Rng::new(7).stream();
    let mut random = |shape: &[usize]| tensor(&mut rng, shape);
    [
        random(&[steps, batch, inputs]),
        random(&[batch, size]),
        random(&[batch, size]),
        random(&[4 * size, inputs]),
        random(&[4 * size, size]),
        random(&[4 * size]),
    ]
}

fn tensor(rng: &mut Stream, shape: &[usize]) -> Tensor {
    let values = (0..shape.iter().product())
        .map(|_| 2.0 * rng.next_f64() - 1.0)
        .collect();
    Tensor::from_vec::<f64>(values, shape).unwrap()
}

/// Value and gradients, then a directional derivative of the squared gradient, on a dynamic graph.
fn dynamic(f: for<'g> fn(&[Var<'g>; 6]) -> Var<'g>, x: &[Tensor; 6]) -> Vec<Tensor> {
    let graph = Graph::dynamic();
    let vars = x.each_ref().map(|x| graph.constant(x.clone()));
    all_of(f, &vars).into_iter().map(|y| y.value().unwrap()).collect()
}

fn all_of<'g>(f: for<'a> fn(&[Var<'a>; 6]) -> Var<'a>, x: &[Var<'g>; 6]) -> Vec<Var<'g>> {
    let y = f(x);
    let gradients = reverse::gradients(y, x);
    let square = gradients
        .iter()
        .map(|dx| (*dx * *dx).sum_all())
        .reduce(|a, b| a + b)
        .unwrap();
    let second = reverse::gradients(square, x);
    let moved = forward::jvp(&[y, gradients[4]], x, x);
    [&[y], &gradients[..], &second, &moved].concat()
}

fn planned(
    f: for<'g> fn(&[Var<'g>; 6]) -> Var<'g>,
    x: &[Tensor; 6],
    threads: usize,
    without: &[&str],
) -> Result<Vec<Tensor>> {
    let graph = Graph::new(Execution::Static);
    let mut number = 0..6;
    let vars = x
        .each_ref()
        .map(|x| graph.input(format!("{}", number.next().unwrap()), x.dtype(), *x.shape()));
    let outputs = all_of(f, &vars);
    let mut variables = Variables::new(Engine::new(rosenblatt_tensor::Isa::detect(), threads)?);
    let signature = Signature {
        inputs: vars.to_vec(),
        outputs: outputs.clone(),
        ..Signature::default()
    };
    let options = Options {
        without: without.iter().map(|name| (*name).to_owned()).collect(),
    };
    let plan = Plan::compile(&signature, &mut variables, &options)?;
    plan.run(&mut variables, &x.each_ref())?;
    (0..outputs.len()).map(|i| plan.output(&variables, i)).collect()
}

fn assert_close(a: &[Tensor], b: &[Tensor], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert_eq!(a.shape(), b.shape(), "result {i}");
        for (a, b) in a.to_f64().iter().zip(b.to_f64()) {
            assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "result {i}: {a} and {b}");
        }
    }
}

fn bits(x: &[Tensor]) -> Vec<Vec<u64>> {
    x.iter()
        .map(|x| x.to_f64().iter().map(|x| x.to_bits()).collect())
        .collect()
}

#[test]
fn a_scan_and_its_steps_have_the_same_derivatives() {
    for [steps, batch, inputs, size] in [[1, 1, 1, 1], [5, 3, 2, 4], [9, 2, 3, 1]] {
        let x = arguments(steps, batch, inputs, size);
        assert_close(&dynamic(by_scan, &x), &dynamic(by_steps, &x), 1e-12);
    }
}

#[test]
fn a_plan_has_the_bits_of_the_dynamic_graph() {
    let x = arguments(5, 3, 2, 4);
    let want = bits(&dynamic(by_scan, &x));
    for threads in [1, 2] {
        assert_eq!(
            bits(&planned(by_scan, &x, threads, &[]).unwrap()),
            want,
            "{threads} threads"
        );
    }
    for name in crate::every_rewrite::names() {
        assert_eq!(bits(&planned(by_scan, &x, 1, &[name]).unwrap()), want, "without {name}");
    }
}

/// Whoever catches a panic of a step goes on with the graph as it was.
#[test]
fn a_graph_computes_after_a_step_has_panicked() {
    let graph = Graph::dynamic();
    let x = graph.constant([1.0, 2.0].into());
    let step = |_: [Var<'_>; 0], _: [Var<'_>; 1]| -> ([Var<'_>; 0], [Var<'_>; 1]) { panic!("of the step") };
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| graph.scan([], [x], step)));
    assert!(caught.is_err());
    assert_eq!((x * 2.0).value().unwrap().to_f64(), [2.0, 4.0]);
}
