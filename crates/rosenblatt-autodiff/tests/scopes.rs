//! A dynamic loop whose iterations are scopes needs no more memory the longer it runs.
//! A binary of its own with one test, since it counts the bytes of the whole process. A soak makes 100,000 ops in each
//! loop, a test a fifth of them.

use rosenblatt_autodiff::{Graph, Var, reverse};
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::{PeakAllocator, bytes_in_use, soak};

#[global_allocator]
static ALLOCATOR: PeakAllocator = PeakAllocator;

const ITERATIONS: usize = 1_000;
/// At least, in each iteration.
const OPS: usize = 5 * ROUNDS;
const ROUNDS: usize = 4;
/// Times as many in a soak.
const SOAK: usize = 5;

fn scale() -> usize {
    if soak() { SOAK } else { 1 }
}

/// Five ops on 16 numbers, `rounds` times.
fn ops<'g>(w: Var<'g>, x: Var<'g>, rounds: usize) -> Var<'g> {
    (0..rounds * scale()).fold(x, |x, _| w * x.tanh() + x.minimum(w).max(&[0], true))
}

/// The bytes in use after 10 iterations, and after all.
fn bytes(mut iteration: impl FnMut()) -> [usize; 2] {
    let mut at_10 = 0;
    for i in 1..=ITERATIONS {
        iteration();
        if i == 10 {
            at_10 = bytes_in_use();
        }
    }
    [at_10, bytes_in_use()]
}

fn graph_of<'g>(graph: &'g Graph) -> [Var<'g>; 2] {
    [0.25, 0.5].map(|x| graph.constant(Tensor::from([x; 16])))
}

/// A loop, given the graph, a parameter and the first state.
type Loop = for<'g> fn(&'g Graph, Var<'g>, Var<'g>) -> [usize; 2];

const LOOPS: [(&str, Loop); 6] = [
    ("a number is returned", |graph, w, x| {
        bytes(|| {
            let y = graph.scope(|_| ops(w, x, ROUNDS).sum_all().value()?.item());
            assert!(y.unwrap().is_finite());
        })
    }),
    ("a tensor is returned, and used in the next iteration", |graph, w, x| {
        let mut state = x.value().unwrap();
        bytes(|| {
            state = graph
                .scope(|graph| ops(w, graph.constant(state.clone()), ROUNDS).value())
                .unwrap()
        })
    }),
    ("a value is carried", |graph, w, mut x| {
        bytes(|| x = graph.scope_with(x, |_, x| ops(w, x, ROUNDS)))
    }),
    (
        "a state and a parameter are carried, with a gradient",
        |graph, mut w, mut x| {
            bytes(|| {
                (w, x) = graph.scope_with((w, x), |_, (w, x)| {
                    let y = ops(w, x, 1);
                    (w - 0.01 * reverse::gradients(y.sum_all(), &[w])[0], y)
                });
            })
        },
    ),
    ("scopes in scopes", |graph, w, mut x| {
        bytes(|| {
            x = graph.scope_with(x, |graph, x| {
                let mut inner = x * 0.5;
                for _ in 0..3 {
                    inner = graph.scope_with(inner, |_, inner| ops(w, inner, 1));
                }
                inner + graph.scope(|_| ops(w, x, 1))
            });
        })
    }),
    ("mistakes, inputs, and numbers that are not finite", |graph, w, x| {
        bytes(|| {
            let result: Result<Var<'_>, _> = graph.scope(|graph| {
                let input = graph.input("input", x.dtype(), x.shape());
                let _ = (ops(w, x, ROUNDS).ln() * f64::INFINITY).check_finite("infinite");
                (input + ops(w, x, ROUNDS)).value().map(|_| x)
            });
            assert!(result.is_err());
        })
    }),
];

#[test]
fn a_loop_of_scopes_holds_no_more_after_1000_iterations_than_after_10() {
    for (what, run) in LOOPS {
        let graph = Graph::dynamic();
        let [w, x] = graph_of(&graph);
        let first = graph.constant(0.0.into()).id();
        let [early, late] = run(&graph, w, x);
        let made = graph.constant(0.0.into()).id() - first;
        println!(
            "{what}: {made} nodes, {early} bytes after 10 iterations, {late} after {ITERATIONS}, {} nodes",
            graph.len()
        );
        assert!(made >= ITERATIONS * OPS * scale(), "{what}: {made} nodes");
        assert!(
            late <= early,
            "{what}: {early} bytes after 10 iterations, {late} after {ITERATIONS}"
        );
    }
    let graph = Graph::dynamic();
    let [w, mut x] = graph_of(&graph);
    let [early, late] = bytes(|| x = ops(w, x, ROUNDS));
    assert!(
        late > 50 * early,
        "the same loop without scopes: {early} and {late} bytes"
    );
}
