//! The gradient of many slices of one value: joined instead of added up, with the right values and little work.

use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, NodeId, Origin, Var, forward, reverse};
use rosenblatt_tensor::rng::{Rng, Stream};
use rosenblatt_tensor::{DType, Shape, Tensor};
use rosenblatt_testkit::{assert_close, same_bits, seeded_cases};

/// The ops among nodes of a graph that are not views, with the number of elements of their results.
fn work(graph: &Graph, first: NodeId, end: NodeId) -> Vec<(&'static str, usize)> {
    let of = |id| {
        let node = graph.var(id).unwrap();
        match node.origin() {
            Origin::Op(op) if ["add", "concat"].contains(&op.name()) => Some((op.name(), node.shape().elements())),
            _ => None,
        }
    };
    (first..end).filter_map(of).collect()
}

/// The work of the gradient of `f` with respect to an array of `rows` rows.
fn work_of(rows: usize, f: for<'g> fn(Var<'g>) -> Var<'g>) -> Vec<(&'static str, usize)> {
    let graph = Graph::new(Execution::Static);
    let x = graph.input("x", DType::F64, Shape::new(&[rows, 4]).unwrap());
    let y = f(x);
    let first = graph.len();
    let _ = reverse::gradients(y, &[x]);
    work(&graph, first, graph.len())
}

fn count(work: &[(&str, usize)], name: &str) -> usize {
    work.iter().filter(|(op, _)| *op == name).count()
}

fn moved(work: &[(&str, usize)]) -> usize {
    work.iter().map(|(_, elements)| elements).sum()
}

/// A function of slices, and how many additions its gradient may have.
type Case = (&'static str, for<'g> fn(Var<'g>) -> Var<'g>, usize);

fn sum_of_squares<'g>(parts: impl IntoIterator<Item = Var<'g>>) -> Var<'g> {
    let parts = parts.into_iter().map(|x| x.dot(x));
    parts.reduce(|a, b| a + b).unwrap()
}

const CASES: [Case; 6] = [
    ("steps", |x| sum_of_squares(x.steps(0)), 0),
    (
        "every other row",
        |x| sum_of_squares((1..x.size(0)).step_by(2).map(|i| x.at(i))),
        0,
    ),
    (
        "windows of three rows",
        |x| sum_of_squares((0..x.size(0) - 2).map(|i| x.slice(0, i, i + 3))),
        2,
    ),
    (
        "rows and columns",
        |x| sum_of_squares([x.steps(0), x.steps(1)].concat()),
        1,
    ),
    (
        "rows and the whole",
        |x| sum_of_squares(x.steps(0)) + x.exp().sum_all(),
        1,
    ),
    (
        "a row twice",
        |x| sum_of_squares(x.steps(0)) + x.at(3).exp().sum_all(),
        1,
    ),
];

/// Additions of arrays as in the table; the elements moved grow as the array does, not with its square.
#[test]
fn the_work_of_a_gradient_of_slices_is_linear() {
    for (what, f, additions) in CASES {
        let (small, large) = (work_of(64, f), work_of(512, f));
        let sums = large.iter().filter(|work| **work == ("add", 512 * 4)).count();
        println!(
            "{what}: {} and {} elements in {} and {} ops",
            moved(&small),
            moved(&large),
            small.len(),
            large.len()
        );
        assert!(sums <= additions, "{what}: {sums} additions");
        assert!(
            moved(&large) < 13 * moved(&small),
            "{what}: {} and {}",
            moved(&small),
            moved(&large)
        );
        assert!(
            count(&large, "concat") < 3 * 512 / 7 + 8,
            "{what}: {} joins",
            count(&large, "concat")
        );
    }
}

/// Weights are integers, so sums are exact in any order.
fn integers(rng: &mut Stream, shape: &Shape) -> Vec<f64> {
    (0..shape.elements()).map(|_| rng.below(100) as f64 - 50.0).collect()
}

/// A random slice of a value of this shape.
fn random_slice(rng: &mut Stream, shape: &Shape) -> (usize, usize, usize) {
    let axis = rng.below(shape.rank() as u64) as usize;
    let mut ends = [0, 0].map(|_| rng.below(shape[axis] as u64 + 1) as usize);
    ends.sort_unstable();
    (axis, ends[0], ends[1])
}

/// The gradient of `Σ w · slice(x)` is the sum of each `w` at its place: added up by hand, index by index.
#[test]
fn random_slices_by_hand() {
    for seed in seeded_cases(2_000) {
        let mut rng = Rng::new(seed).stream();
        let shape = Shape::new(&[rng.below(7) as usize, 5, rng.below(4) as usize + 1]).unwrap();
        let graph = Graph::dynamic();
        let x = graph.constant(Tensor::new(integers(&mut rng, &shape), &shape).unwrap());
        let (mut y, mut by_hand) = (graph.constant(0.0.into()), vec![0.0; shape.elements()]);
        for _ in 0..rng.below(9) {
            let (axis, start, end) = random_slice(&mut rng, &shape);
            let slice = x.slice(axis as isize, start, end);
            let (axis2, start2, end2) = random_slice(&mut rng, &slice.shape());
            let slice = slice.slice(axis2 as isize, start2, end2);
            let weights = integers(&mut rng, &slice.shape());
            let mut next = weights.iter();
            for (i, sum) in by_hand.iter_mut().enumerate() {
                let mut index = [i / shape[2] / shape[1], i / shape[2] % shape[1], i % shape[2]];
                let is_inside = (start..end).contains(&index[axis]) && {
                    index[axis] -= start;
                    (start2..end2).contains(&index[axis2])
                };
                if is_inside {
                    *sum += next.next().unwrap();
                }
            }
            let weights = graph.constant(Tensor::new(weights, &slice.shape()).unwrap());
            y = y + (slice * weights).sum_all();
        }
        let dx = reverse::gradients(y, &[x])[0];
        assert_eq!((dx.shape(), dx.value().unwrap().to_f64()), (shape, by_hand));
    }
}

/// Overlapping windows in a nonlinear function: reverse against forward mode, which joins nothing, and against second
/// differences; static against dynamic, bit by bit.
#[test]
fn overlapping_windows_in_both_modes_and_executions() {
    fn f(x: Var<'_>) -> Var<'_> {
        let windows = (0..6).map(|i| x.slice(1, i, i + 4).tanh() * x.slice(1, 5 - i, 9 - i));
        let rows = x.steps(0).into_iter().map(|row| (row * row).sigmoid().slice(0, 2, 6));
        let windows = windows.reduce(|a, b| a * 0.5 + b).unwrap();
        rows.fold(windows, |sum, row| sum + row).sum_all() * x.at(1).at(2)
    }
    let mut rng = Rng::new(1).stream();
    let value = Tensor::from_vec((0..27).map(|_| rng.normal()).collect::<Vec<f64>>(), &[3, 9]).unwrap();

    let graph = Graph::dynamic();
    let x = graph.constant(value.clone());
    let y = f(x);
    let dx = reverse::gradients(y, &[x])[0];
    let numbers = dx.value().unwrap().to_f64();
    let direction: Vec<f64> = (0..27).map(|_| rng.normal()).collect();
    for (i, number) in numbers.iter().enumerate() {
        let unit = Tensor::from_vec(
            (0..27).map(|j| f64::from(u8::from(i == j))).collect::<Vec<_>>(),
            &[3, 9],
        )
        .unwrap();
        let along = forward::jvp(&[y], &[x], &[graph.constant(unit)])[0];
        assert_close(*number, along.value().unwrap().item().unwrap(), 1e-13);
    }

    let v = graph.constant(Tensor::from_vec(direction.clone(), &[3, 9]).unwrap());
    let second = reverse::gradients(dx.dot(v), &[x])[0].value().unwrap().to_f64();
    let gradient_at = |step: f64| {
        let graph = Graph::dynamic();
        let moved: Vec<f64> = value
            .to_f64()
            .iter()
            .zip(&direction)
            .map(|(x, v)| x + step * v)
            .collect();
        let x = graph.constant(Tensor::from_vec(moved, &[3, 9]).unwrap());
        reverse::gradients(f(x), &[x])[0].value().unwrap().to_f64()
    };
    let differences = gradient_at(1e-5)
        .into_iter()
        .zip(gradient_at(-1e-5))
        .map(|(a, b)| (a - b) / 2e-5);
    assert_close(&second, differences.collect::<Vec<_>>(), 1e-6);

    let graph = Graph::new(Execution::Static);
    let x = graph.input("x", DType::F64, *value.shape());
    let signature = Signature {
        inputs: vec![x],
        outputs: reverse::gradients(f(x), &[x]),
        ..Signature::default()
    };
    let mut variables = Variables::new(Engine::single());
    let plan = Plan::compile(&signature, &mut variables, &Options::default()).unwrap();
    plan.run(&mut variables, &[&value]).unwrap();
    same_bits(&plan.output(&variables, 0).unwrap().to_f64(), &numbers);
}
