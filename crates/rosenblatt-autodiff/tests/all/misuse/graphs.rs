//! Mistakes in graphs, functions and plans.

use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Graph, Var, eval, grad};
use rosenblatt_tensor::{DType, ErrorKind, Result, Shape};

use super::{Row, compile, error, fixed, freed, here, input, refused, rows, run};

pub const ROWS: &[Row] = rows![
    "two inputs of one name", Config, "input `x` exists already, made at": || {
        let graph = fixed();
        let a = input(&graph, "x");
        let (b, line) = here!(input(&graph, "x"));
        (refused(compile(&[a, b], &[a - b])), line)
    };
    "two variables of one name", Config, "variable `w` exists already, made at": || {
        let graph = fixed();
        let a = graph.variable("w", DType::F32, Shape::SCALAR);
        let (b, line) = here!(graph.variable("w", DType::F32, Shape::SCALAR));
        (refused(compile(&[], &[a + b])), line)
    };
    "an operation that does not fit, in a function", Shape, "matmul: inner sizes differ: [2, 2] and [1, 2]": || {
        let (a, b) = ([[1.0, 2.0], [3.0, 4.0]].into(), [[1.0, 2.0]].into());
        let (y, line) = here!(grad(|[a, b]| a.matmul(b).sum_all(), [&a, &b]));
        (y.unwrap_err(), line)
    };
    "a function of integers that has none", Shape, "gelu: expected operands of one floating-point type, got [i64 [2]]": || {
        let (y, line) = here!(eval(|[x]| x.gelu(), [&[1i64, 2].into()]));
        (y.unwrap_err(), line)
    };
    "a function of numbers, of integers", Shape, "softplus: expected": || {
        let (y, line) = here!(eval(|[x]| x.softplus(), [&[1i64, 2].into()]));
        (y.unwrap_err(), line)
    };
    "parts that do not fit, in a long list", Shape, "concat: ": || {
        let graph = Graph::dynamic();
        let mut parts = vec![graph.constant([[1.0, 2.0]].into()); 20];
        parts[13] = graph.constant([[1.0, 2.0, 3.0]].into());
        let (y, line) = here!(parts[0].concat(&parts[1..], 0));
        (error(y), line)
    };
    "an index past the end", Shape, "at: index 3 is out of range on the first axis of [3]": || {
        let (y, line) = here!(eval(|[x]| x.at(3), [&[1.0, 2.0, 3.0].into()]));
        (y.unwrap_err(), line)
    };
    "steps along an axis that does not exist", Shape, "steps: axis 2 does not exist in [3], which has 1 axes": || {
        let (y, line) = here!(eval(|[x]| x.steps(2)[0], [&[1.0, 2.0, 3.0].into()]));
        (y.unwrap_err(), line)
    };
    "the size of an axis that does not exist", Shape, "size: axis -2 does not exist in [3], which has 1 axes": || {
        let (y, line) = here!(eval(|[x]| x * x.size(-2) as f64, [&[1.0, 2.0, 3.0].into()]));
        (y.unwrap_err(), line)
    };
    "a row that does not exist", Data, "take: index 7 at position 0 is not below 2": || {
        let (x, rows) = ([[1.0], [2.0]].into(), [7i64].into());
        let (y, line) = here!(eval(|[x, rows]| x.take(rows), [&x, &rows]));
        (y.unwrap_err(), line)
    };
    "values of two graphs", Config, "add: values of two graphs cannot be used together": || {
        let (one, other) = (Graph::dynamic(), Graph::dynamic());
        let (a, b) = (one.constant(1.0.into()), other.constant(2.0.into()));
        let (y, line) = here!(a + b);
        (error(y), line)
    };
    "a plan over two graphs", Config, "plan: values of two graphs cannot be used together": || {
        let (one, other) = (fixed(), fixed());
        let (a, b) = (input(&one, "a"), input(&other, "b"));
        (refused(compile(&[a, b], &[a * 2.0])), None)
    };
    "the value of a static graph", Config, "a static graph has no values": || {
        let graph = fixed();
        (error(input(&graph, "x") * 2.0), None)
    };
    "the value of an input", Config, "input `x` has no value before a plan runs": || {
        let graph = Graph::dynamic();
        let x = input(&graph, "x");
        let (y, line) = here!(x * 2.0);
        (error(y), line)
    };
    "a forgotten input", Config, "input `b` is used, but it is not in `Signature::inputs`": || {
        let graph = fixed();
        let (a, b) = (input(&graph, "a"), input(&graph, "b"));
        (refused(compile(&[a], &[a - b])), None)
    };
    "an input listed twice", Config, "an input or update is listed twice: %0 = input \"a\"": || {
        let graph = fixed();
        let a = input(&graph, "a");
        (refused(compile(&[a, a], &[a * a])), None)
    };
    "a constant as an input", Config, "expected an input made with `Graph::input`, got %0": || {
        let graph = fixed();
        let a = graph.constant(1.0f32.into());
        (refused(compile(&[a], &[a * a])), None)
    };
    "a plan of nothing", Config, "a plan needs at least one output or update": || {
        (refused(compile(&[], &[])), None)
    };
    "fewer tensors than inputs", Shape, "expected `a`, `b`, got 1 inputs": || {
        let graph = fixed();
        let (a, b) = (input(&graph, "a"), input(&graph, "b"));
        (refused(run(&[a, b], &[a - b], &[&1.0f32.into()])), None)
    };
    "a tensor of another type", Shape, "input `a`: expected f32 [], got f64 []": || {
        let graph = fixed();
        let a = input(&graph, "a");
        (refused(run(&[a], &[a * a], &[&1.0.into()])), None)
    };
    "an output that does not exist", Config, "no output 1 in a plan of 1": || {
        let graph = fixed();
        let a = input(&graph, "a");
        let (plan, variables) = compile(&[a], &[a * a]).unwrap();
        (plan.output(&variables, 1).unwrap_err(), None)
    };
    "an update of something that is not a variable", Config, "expected a variable to update, got %1": || {
        let graph = fixed();
        let w = graph.variable("w", DType::F32, Shape::SCALAR);
        let y = w.exp();
        (refused(update(y, w)), None)
    };
    "an update of another shape", Shape, "update of variable `w`: expected f32 [], got f32 [2]": || {
        let graph = fixed();
        let w = graph.variable("w", DType::F32, Shape::SCALAR);
        (refused(update(w, w.broadcast_to(&[2]))), None)
    };
    "a variable that does not exist", Config, "there is no variable `wieght`": || {
        let graph = fixed();
        let w = graph.variable("weight", DType::F32, Shape::SCALAR);
        let (_, variables) = compile(&[], &[w * 2.0]).unwrap();
        let error = variables.read("wieght").unwrap_err();
        assert_eq!(error.hint_text(), Some("did you mean `weight`?"));
        (error, None)
    };
    "a node that does not exist", Config, "node 7 does not exist in a graph of 0 nodes": || {
        (Graph::dynamic().var(7).unwrap_err(), None)
    };
    "a value that was freed", Config, "value %1 was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let x = freed(graph.constant(1.0.into()));
        let (y, line) = here!(x * 2.0);
        (error(y), line)
    };
    "the value of what was freed", Config, "value %1 was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let x = freed(graph.constant(1.0.into()));
        let (y, line) = here!(x.value());
        (y.unwrap_err(), line)
    };
    "the shape of a value that was freed", Config, "value %1 was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let x = freed(graph.constant(1.0.into()));
        let (shape, line) = here!(x.shape());
        assert_eq!(shape, Shape::SCALAR);
        (graph.error().unwrap(), line)
    };
    "a function that returns a value that was freed", Config, "value %1 was freed when its scope ended": || {
        let (y, line) = here!(eval(|[x]| freed(x), [&1.0.into()]));
        (y.unwrap_err(), line)
    };
    "the number of a node that was freed", Config, "value %1 was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let x = freed(graph.constant(1.0.into()));
        (graph.var(x.id()).unwrap_err(), None)
    };
    "a plan of a value that was freed", Config, "value %1 was freed when its scope ended": || {
        let graph = Graph::dynamic();
        (refused(compile(&[], &[freed(graph.constant(1.0.into()))])), None)
    };
];

fn update(state: Var<'_>, next: Var<'_>) -> Result<Plan> {
    let signature = Signature {
        updates: vec![(state, next)],
        ..Signature::default()
    };
    Plan::compile(&signature, &mut Variables::new(Engine::single()), &Options::default())
}
