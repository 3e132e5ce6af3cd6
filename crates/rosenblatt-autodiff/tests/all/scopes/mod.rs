//! Scopes of dynamic graphs: what they keep and free, derivatives across them, and the use of freed values.

mod random;

use std::cell::RefCell;
use std::collections::BTreeMap;

use rosenblatt_autodiff::ops::{Distribution, Exp};
use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Origin, Unary, Var, forward, reverse};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor};
use rosenblatt_testkit::same_bits;

fn number(x: Var<'_>) -> f64 {
    x.value().unwrap().item().unwrap()
}

/// What is returned stays, with its number, type and value, in whatever it is returned; all else is freed.
#[test]
fn a_scope_keeps_what_it_returns() {
    let graph = Graph::dynamic();
    let x = graph.constant([1.0, 2.0].into());
    let made = RefCell::new(Vec::new());
    let note = |x| {
        made.borrow_mut()
            .push((Var::id(x), x.ty(), x.value().unwrap().to_f64()));
        x
    };
    let new = |scale: f64| note((x * scale).exp().sum_all());
    let ((a, _), [b], c, d, e, f) = graph.scope(|graph| {
        let forgotten = new(9.0);
        let inner = graph.scope(|_| (new(1.0), x, forgotten.value()));
        let map = BTreeMap::from([("map", new(5.0))]);
        (
            (inner.0, 7),
            [new(2.0)],
            vec![new(3.0)],
            Some(new(4.0)),
            map,
            Ok::<_, Error>(new(6.0)),
        )
    });
    let kept = [a, b, c[0], d.unwrap(), e["map"], f.unwrap()];
    let made = made.take();
    for x in kept {
        let (_, ty, value) = made.iter().find(|(id, ..)| *id == x.id()).unwrap();
        assert_eq!((x.ty(), x.value().unwrap().to_f64()), (*ty, value.clone()));
        assert!(matches!(x.origin(), Origin::Constant(_)), "{x:?}");
    }
    assert_eq!((made.len(), graph.len()), (7, 7), "six, and what was made outside");
    assert!(graph.var(made[0].0).is_err());
    assert!(graph.scope(|_| Err::<Var<'_>, _>(new(1.0).error())).is_err());
    assert_eq!(graph.len(), 7, "an error keeps nothing");
    assert!(graph.constant(0.0.into()).id() > made[6].0, "no number is used twice");
    assert_eq!(graph.error(), None);
}

#[test]
fn scope_with_frees_what_it_was_given() {
    let graph = Graph::dynamic();
    let [a, b, c] = [1.0, 2.0, 3.0].map(|x| graph.constant(x.into()));
    let outside = a * b;
    let (kept, new) = graph.scope_with([a, b], |_, [a, b]| (b, a + b + c));
    assert_eq!((kept.id(), number(new), graph.len()), (b.id(), 6.0, 4));
    assert!(a.value().is_err());
    assert_eq!(number(outside), 2.0, "what was computed from it stays");
    let gradients = reverse::gradients(outside + new * c, &[b, c]);
    assert!(gradients[0].value().is_err(), "a * b is a constant since a was freed");
    assert_eq!(graph.take_error(), gradients[0].error());
    assert!(gradients[1].value().is_err());
}

/// The same bits as in a graph for each step, and one node for each parameter.
#[test]
fn training_in_scopes_is_training() {
    let [x, y] = [3u64, 4].map(|seed| {
        let mut rng = Rng::new(seed).stream();
        Tensor::from_vec((0..12).map(|_| rng.normal()).collect::<Vec<f64>>(), &[4, 3]).unwrap()
    });
    fn step<'g>(w: Var<'g>, x: &Tensor, y: &Tensor) -> Var<'g> {
        let [x, y] = [x, y].map(|x| w.graph().constant(x.clone()));
        let error = x.matmul(w).tanh() - y;
        w - 0.1 * reverse::gradients((error * error).mean_all(), &[w])[0]
    }
    let start = Tensor::from([[0.1, 0.2, 0.3], [0.0, -0.5, 1.0], [1.0, 1.0, 0.0]]);
    let graph = Graph::dynamic();
    let mut scoped = graph.constant(start.clone());
    let mut alone = start;
    for _ in 0..50 {
        scoped = graph.scope_with(scoped, |_, w| step(w, &x, &y));
        alone = step(Graph::dynamic().constant(alone), &x, &y).value().unwrap();
        same_bits(&scoped.value().unwrap().to_f64(), &alone.to_f64());
        assert_eq!(graph.len(), 1);
    }
}

/// `graph.scope(|_| f(x, w))`, and by hand whether derivatives by `x` and by `w` pass.
type Path = (&'static str, for<'g> fn(Var<'g>, Var<'g>) -> Var<'g>, [Option<f64>; 2]);

const PATHS: [Path; 8] = [
    ("both through a freed node", |x, w| (x * w).exp(), [None, None]),
    ("one only", |x, w| x.exp() * 2.0 * w.stop_gradient(), [None, Some(0.0)]),
    ("nothing freed on the way", |x, w| x * w, [Some(3.0), Some(2.0)]),
    (
        "through an index",
        |x, w| x.reshape(&[1]).argmax(0).cast(DType::F64) + w.exp(),
        [Some(0.0), None],
    ),
    (
        "through a comparison",
        |x, w| x.gt(w).select(w.graph().constant(1.0.into()), w.exp()),
        [Some(0.0), None],
    ),
    (
        "through `stop_gradient` of what was freed",
        |x, w| (x * w).stop_gradient() * 2.0,
        [Some(0.0), Some(0.0)],
    ),
    (
        "returned by two scopes",
        |x, w| x.graph().scope(|_| x.exp() + 1.0) * w.cos(),
        [None, None],
    ),
    (
        "a dependence that was freed itself",
        |x, w| {
            let y = x.exp();
            x.graph().scope_with(y, |_, y| y.exp() + w.stop_gradient())
        },
        [None, Some(0.0)],
    ),
];

#[test]
fn a_derivative_through_a_freed_node_is_a_mistake_and_never_zero() {
    for (what, f, passes) in PATHS {
        let graph = Graph::dynamic();
        let [x, w] = [2.0, 3.0].map(|x| graph.constant(x.into()));
        let y = graph.scope(|_| f(x, w));
        let after = (y * 5.0).sin() + x * 7.0;
        let one = graph.constant(1.0.into());
        for (i, (x, expected)) in [x, w].into_iter().zip(passes).enumerate() {
            let backward = || reverse::gradients(y, &[x])[0];
            let along = || forward::jvp(&[y], &[x], &[one])[0];
            for derivative in [&backward as &dyn Fn() -> _, &along] {
                let derivative: Var<'_> = derivative();
                assert_eq!(
                    derivative.value().ok().map(|x| x.item().unwrap()),
                    expected,
                    "{what}: {i}"
                );
                assert_eq!(graph.take_error(), derivative.error(), "{what}: {i}");
                let message = derivative.error().map(|error| error.to_string()).unwrap_or_default();
                assert_eq!(
                    message.contains("passes through a value that was freed"),
                    expected.is_none(),
                    "{message}"
                );
            }
            assert_eq!(
                reverse::gradients(after, &[x])[0].value().is_ok(),
                expected.is_some(),
                "{what}: {i}"
            );
            graph.take_error();
        }
        let dy = reverse::gradients(after, &[y])[0];
        assert_eq!(
            number(dy),
            (number(y) * 5.0).cos() * 5.0,
            "{what}: with respect to what was returned"
        );
    }
}

/// The derivative of one returned value with respect to another.
#[test]
fn what_a_scope_returns_depends_on_what_else_it_returns() {
    let graph = Graph::dynamic();
    let w = graph.constant(2.0.into());
    let (h, y, z) = graph.scope(|_| {
        let h = w.exp() * w;
        (h, (h * h).exp(), h * w)
    });
    let passes = |y, x| reverse::gradients(y, &[x])[0].value().is_ok();
    assert!(!passes(y, h) && !passes(y, w) && !passes(h, w) && !passes(z, w));
    assert_eq!(number(reverse::gradients(z, &[h])[0]), 2.0);
}

#[test]
fn a_static_graph_keeps_every_node() {
    let graph = Graph::new(Execution::Static);
    let x = graph.input("x", DType::F64, Shape::new(&[2]).unwrap());
    let mut forgotten = x;
    let y = graph.scope_with(x, |graph, x| {
        forgotten = graph.scope(|_| x.exp()) * 2.0;
        (forgotten * x).sum_all()
    });
    let dx = reverse::gradients(y + forgotten.sum_all() * 3.0, &[x])[0];
    let value = run(&[x], dx, &[&[0.0, 1.0].into()]).unwrap();
    let by_hand = |x: f64| 2.0 * x.exp() * (1.0 + x + 3.0);
    rosenblatt_testkit::assert_close(value.to_f64(), [by_hand(0.0), by_hand(1.0)], 1e-14);
}

fn run(inputs: &[Var<'_>], output: Var<'_>, tensors: &[&Tensor]) -> Result<Tensor> {
    let mut variables = Variables::new(Engine::single());
    let signature = Signature {
        inputs: inputs.to_vec(),
        outputs: vec![output],
        ..Signature::default()
    };
    let plan = Plan::compile(&signature, &mut variables, &Options::default())?;
    plan.run(&mut variables, tensors)?;
    plan.output(&variables, 0)
}

/// The numbers of nodes have gaps, and a constant remembers what it was computed from.
#[test]
fn a_dynamic_graph_with_freed_nodes_compiles() {
    let graph = Graph::dynamic();
    let x = graph.constant(2.0.into());
    let y = graph.scope(|_| (x * 3.0).exp());
    let z = y * graph.constant(0.5.into()) + x;
    same_bits(&run(&[], z, &[]).unwrap().to_f64(), &z.value().unwrap().to_f64());
    let gone = graph.scope_with(x, |_, x| x.id());
    assert!(format!("{graph:?}").lines().count() == graph.len() && graph.var(gone).is_err());
    assert!(run(&[], z, &[]).is_ok(), "what was computed from `x` is a constant");
    assert!(
        run(&[], x, &[])
            .err()
            .unwrap()
            .to_string()
            .contains("was freed when its scope ended")
    );
}

/// An input of one name in each iteration.
#[test]
fn names_are_freed_too() {
    let graph = Graph::dynamic();
    for _ in 0..3 {
        graph.scope(|graph| {
            let _ = graph.input("x", DType::F32, Shape::SCALAR);
            let _ = graph.variable("x", DType::F32, Shape::SCALAR);
        });
    }
    assert_eq!(graph.error(), None);
    let kept = graph.scope(|graph| graph.variable("w", DType::F32, Shape::SCALAR));
    assert!(matches!(kept.origin(), Origin::Variable(_)));
    assert!(graph.variable("w", DType::F32, Shape::SCALAR).error().is_some());
}

/// A use of a value: its text, and what comes of it.
type Use = (&'static str, for<'g> fn(Var<'g>, Var<'g>) -> Var<'g>);

macro_rules! uses {
    ($x:ident $y:ident: $($use:expr;)*) => {
        &[$((stringify!($use), |$x, $y| { let _ = $y; $use })),*]
    };
}

/// Of a freed value `x`, with one that is there, `y`.
#[rustfmt::skip]
const USES: &[Use] = uses![x y:
    x.abs(); x.argmax(0); x.broadcast_to(&[2, 2]); x.sum_to(&[1]); x.cast(DType::F32); x.check_finite("x");
    x.clamp(0.0, 1.0); x.concat(&[y], 0); y.concat(&[y, x], 0); x.cos(); x.count_correct(y); y.count_correct(x);
    x.eq(y); x.erf(); x.erfc(); x.exp(); x.flush(); x.ge(y); y.gt(x); x.le(y);
    x.leaky_relu(0.1); x.ln(); x.ln_1p(); x.log_softmax(); y.lt(x); x.matmul(y); y.matmul(x); x.max(&[0], false);
    x.maximum(y); y.minimum(x); x.moving_average(0.9, y);
    x.one_hot(2, DType::F64); x.pow(y); y.pow(x); x.random(Distribution::Uniform, "draw", &[2], DType::F64); x.relu();
    x.reshape(&[2, 1]); x.scatter_add(y, 3); y.scatter_add(x, 3); x.select(y, y); y.select(y, x); x.sigmoid(); x.sin();
    x.slice(0, 0, 1); x.at(0); x.steps(0)[0]; x.steps(-1)[0]; x.softmax(); x.softmax_cross_entropy(y);
    y.softmax_cross_entropy(x); x.softmax_residual(y); x.sqrt(); x.stop_gradient(); x.sum(&[0], true); x.sum_all();
    x.take(y); y.take(x); x.take_along_axis(y); y.take_along_axis(x); x.tanh(); x.permute(&[0]); x.matrix_transpose();
    x.dot(y); y.dot(x); x.mean(&[0], false); x.mean_all(); x.norm(); x.square(); x.gelu(); x.gelu_tanh(); x.silu(); x.mish();
    x.softplus(); x + y; y - x; 2.0 * x; x / 2.0; -x; x.full_like(1.0) + x; y.broadcast_to(&x.shape()) * x;
    y * x.size(0) as f64 + x; x.grad(|x| x.sum_all()); y.grad(|y| (x * y).sum_all()); y.grad(|_| x);
    x.hessian(|x| x.sum_all()); y.hessian(|_| x); x.jacobian(|x| x * x); y.jacobian(|_| x); y.jacobian(|y| x * y);
    x.jvp(|x| x * x, y).1; y.jvp(|_| x, y).1; y.jvp(|y| y * y, x).1; x.vjp(|x| x * x, y).1; y.vjp(|_| x, y).1;
    y.vjp(|y| y * y, x).1; reverse::gradients(x, &[y])[0]; reverse::gradients(y.sum_all(), &[x])[0];
    reverse::vjp(y, x, &[y])[0]; forward::jvp(&[x], &[y], &[y])[0]; forward::jvp(&[y], &[x], &[y])[0];
    forward::jvp(&[y], &[y], &[x])[0]; x.fail(Error::internal("another")); x.apply(Unary(Exp));
    x.graph().apply(Unary(Exp), &[x]); x.graph().scope(|_| x.exp()); x;
];

/// What comes of it is an error, and the first mistake of the graph says that `x` was freed; both have the caller's place.
#[test]
fn every_use_of_a_freed_value_is_a_mistake_with_its_place() {
    let mut wrong = Vec::new();
    for (what, apply) in USES {
        let graph = Graph::dynamic();
        let y = graph.constant([1.0, 2.0].into());
        let mut x = y;
        graph.scope(|_| x = y.exp());
        let found = [apply(x, y).value().err(), graph.take_error()];
        let [result, first] = found.each_ref().map(|error| error.as_ref().map(Error::to_string));
        let has_place = |text: &String| text.starts_with(&format!("{}:", file!()));
        let is_freed = |text: &String| has_place(text) && text.contains("was freed when its scope ended");
        if !result.is_some_and(|text| has_place(&text)) || *what != "x" && !first.is_some_and(|text| is_freed(&text)) {
            wrong.push(format!("{what}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("cases: uses of a freed value {}", USES.len());
}
