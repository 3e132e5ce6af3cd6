//! What a user writes by mistake: the kind of the error, what it says, and that it names the line at fault.

use rosenblatt_autodiff::functions::{gelu, softplus};
use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{
    Attributes, Engine, Execution, Graph, Lowering, Op, Type, Var, eval, forward, grad, hessian, hvp, jacobian, jvp,
    reverse, vjp,
};
use rosenblatt_tensor::{DType, Error, ErrorKind, Result, Shape, Tensor};

/// What a mistake led to, and the line it must name, if one.
type Found = (Error, Option<u32>);

struct Row {
    wrote: &'static str,
    find: fn() -> Found,
    kind: ErrorKind,
    says: &'static str,
}

/// The value of an expression, and its line.
macro_rules! here {
    ($expression:expr) => {
        ($expression, Some(line!()))
    };
}

/// A row for each mistake.
macro_rules! rows {
    ($($wrote:literal, $kind:ident, $says:literal: $find:expr;)*) => {
        &[$(Row { wrote: $wrote, find: $find, kind: ErrorKind::$kind, says: $says }),*]
    };
}

const ROWS: &[Row] = rows![
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
    "fewer directions than operands", Shape, "jvp: expected a direction for each operand, got 1 for 2": || {
        let graph = Graph::dynamic();
        let [a, b] = pair(&graph);
        let (dy, line) = here!(forward::jvp(&[a * b], &[a, b], &[a]));
        (error(dy[0]), line)
    };
    "a direction of another shape", Shape, "jvp: direction 1: expected f64 [2], as its operand, got f64 [1]": || {
        let graph = Graph::dynamic();
        let [a, b] = pair(&graph);
        let short = graph.constant([1.0].into());
        let (dy, line) = here!(forward::jvp(&[a * b], &[a, b], &[a, short]));
        (error(dy[0]), line)
    };
    "a direction of another type", Shape, "jvp: direction 0: expected f64 [2], as its operand, got f32 [2]": || {
        let x = [1.0, 2.0].into();
        let (y, line) = here!(jvp(|[x]| x * x, [&x], [&[1.0f32, 2.0].into()]));
        (y.unwrap_err(), line)
    };
    "a cotangent of another shape", Shape, "vjp: expected a cotangent of f64 [2], as the result, got f64 [1]": || {
        let graph = Graph::dynamic();
        let [a, b] = pair(&graph);
        let short = graph.constant([1.0].into());
        let (dx, line) = here!(reverse::vjp(a * b, short, &[a]));
        (error(dx[0]), line)
    };
    "a cotangent of another type", Shape, "vjp: expected a cotangent of f64 [2], as the result, got i64 [2]": || {
        let (y, line) = here!(vjp(|[x]| x * x, [&[1.0, 2.0].into()], &[1i64, 2].into()));
        (y.unwrap_err(), line)
    };
    "the gradient of a vector", Shape, "grad: expected a function whose value is a scalar, got f64 [2]": || {
        let (y, line) = here!(grad(|[x]| x * x, [&[1.0, 2.0].into()]));
        (y.unwrap_err(), line)
    };
    "the gradient of a vector, inside", Shape, "grad: expected a function whose value is a scalar, got f64 [2]": || {
        let x = [1.0, 2.0].into();
        let (y, line) = here!(eval(|[x]| x.grad(|y| y * x), [&x]));
        (y.unwrap_err(), line)
    };
    "the gradients of a node that is a vector", Shape, "gradients: expected a scalar loss, got f64 [2]": || {
        let graph = Graph::dynamic();
        let [a, b] = pair(&graph);
        let (dx, line) = here!(reverse::gradients(a * b, &[a]));
        (error(dx[0]), line)
    };
    "the gradient of an index", Shape, "grad: expected a function whose value is a scalar, got i64 []": || {
        let (y, line) = here!(grad(|[x]| x.argmax(0), [&[1.0, 2.0].into()]));
        (y.unwrap_err(), line)
    };
    "the Hessian of a vector", Shape, "hessian: expected a function whose value is a scalar, got f64 [2]": || {
        let (y, line) = here!(hessian(|x| x * x, &[1.0, 2.0].into()));
        (y.unwrap_err(), line)
    };
    "the Hessian times a shorter vector", Shape, "hvp: direction 0: expected f64 [2], as its operand, got f64 [1]": || {
        let x = [1.0, 2.0].into();
        let (y, line) = here!(hvp(|[x]| x.dot(x), [&x], [&[1.0].into()]));
        (y.unwrap_err(), line)
    };
    "a Jacobian with respect to integers", Shape, "jacobian: expected floating-point values, got i64 [2] of i64 [2]": || {
        let (y, line) = here!(jacobian(|x| x, &[1i64, 2].into()));
        (y.unwrap_err(), line)
    };
    "a Jacobian of too many axes", Shape, "jacobian: expected at most 8 axes, got 10": || {
        let x = Tensor::zeros(DType::F64, Shape::new(&[1; 5]).unwrap());
        let (y, line) = here!(jacobian(|x| x * x, &x));
        (y.unwrap_err(), line)
    };
    "an operation that does not fit, in a function", Shape, "matmul: inner sizes differ: [2, 2] and [1, 2]": || {
        let (a, b) = ([[1.0, 2.0], [3.0, 4.0]].into(), [[1.0, 2.0]].into());
        let (y, line) = here!(grad(|[a, b]| a.matmul(b).sum_all(), [&a, &b]));
        (y.unwrap_err(), line)
    };
    "a function of integers that has none", Shape, "expected a floating-point operand, got i64 [2]": || {
        let (y, line) = here!(eval(|[x]| gelu(x), [&[1i64, 2].into()]));
        (y.unwrap_err(), line)
    };
    "a function composed of others, of integers", Shape, "expected": || {
        let (y, line) = here!(eval(|[x]| softplus(x), [&[1i64, 2].into()]));
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
    "a gradient with respect to a value of another graph", Config, "values of two graphs cannot be used together": || {
        let (one, other) = (Graph::dynamic(), Graph::dynamic());
        let (a, b) = (one.constant(1.0.into()), other.constant(2.0.into()));
        let (dx, line) = here!(reverse::gradients(a * a, &[b]));
        (error(dx[0]), line)
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
        let x = freed(&graph);
        let (y, line) = here!(x * 2.0);
        (error(y), line)
    };
    "the value of what was freed", Config, "value %1 was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let x = freed(&graph);
        let (y, line) = here!(x.value());
        (y.unwrap_err(), line)
    };
    "the shape of a value that was freed", Config, "value %1 was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let x = freed(&graph);
        let (shape, line) = here!(x.shape());
        assert_eq!(shape, Shape::SCALAR);
        (graph.error().unwrap(), line)
    };
    "a gradient with respect to a value that was freed", Config, "value %1 was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let (x, y) = (freed(&graph), graph.constant(1.0.into()));
        let (dx, line) = here!(reverse::gradients(y * y, &[x]));
        (error(dx[0]), line)
    };
    "a gradient through a value that was freed", Config, "passes through a value that was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let [x, _] = pair(&graph);
        let y = graph.scope(|_| x.exp().sum_all());
        let (dx, line) = here!(reverse::gradients(y, &[x]));
        (error(dx[0]), line)
    };
    "a tangent through a value that was freed", Config, "passes through a value that was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let [x, dx] = pair(&graph);
        let y = graph.scope(|_| x.exp().sin());
        let (dy, line) = here!(forward::jvp(&[y], &[x], &[dx]));
        (error(dy[0]), line)
    };
    "a function that returns a value that was freed", Config, "value %1 was freed when its scope ended": || {
        let (y, line) = here!(eval(|[x]| freed(x.graph()), [&1.0.into()]));
        (y.unwrap_err(), line)
    };
    "the number of a node that was freed", Config, "value %1 was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let x = freed(&graph);
        (graph.var(x.id()).unwrap_err(), None)
    };
    "a plan of a value that was freed", Config, "value %1 was freed when its scope ended": || {
        let graph = Graph::dynamic();
        (refused(compile(&[], &[freed(&graph)])), None)
    };
    "a vjp that does not fit", Shape, "matmul: expected two axes or more": || {
        let graph = Graph::dynamic();
        let [x, _] = pair(&graph);
        let y = graph.apply(Wrong, &[x]);
        let (dx, line) = here!(reverse::gradients(y.sum_all(), &[x]));
        (error(dx[0]), line)
    };
    "a jvp that does not fit", Shape, "matmul: expected two axes or more": || {
        let graph = Graph::dynamic();
        let [x, dx] = pair(&graph);
        let y = graph.apply(Wrong, &[x]);
        let (dy, line) = here!(forward::jvp(&[y], &[x], &[dx]));
        (error(dy[0]), line)
    };
];

fn fixed() -> Graph {
    Graph::new(Execution::Static)
}

#[track_caller]
fn input<'g>(graph: &'g Graph, name: &str) -> Var<'g> {
    graph.input(name, DType::F32, Shape::SCALAR)
}

fn pair(graph: &Graph) -> [Var<'_>; 2] {
    [[1.0, 2.0], [3.0, 4.0]].map(|x| graph.constant(x.into()))
}

/// Of a graph with at most one node before.
fn freed(graph: &Graph) -> Var<'_> {
    let x = if graph.is_empty() {
        graph.constant(1.0.into())
    } else {
        graph.var(0).unwrap()
    };
    let mut y = x;
    graph.scope(|_| y = x.exp());
    y
}

fn error(y: Var<'_>) -> Error {
    y.value().unwrap_err()
}

fn compile(inputs: &[Var<'_>], outputs: &[Var<'_>]) -> Result<(Plan, Variables)> {
    let mut variables = Variables::new(Engine::single());
    let signature = Signature {
        inputs: inputs.to_vec(),
        outputs: outputs.to_vec(),
        ..Signature::default()
    };
    let plan = Plan::compile(&signature, &mut variables, &Options::default())?;
    Ok((plan, variables))
}

/// The first output.
fn run(inputs: &[Var<'_>], outputs: &[Var<'_>], tensors: &[&Tensor]) -> Result<Tensor> {
    let (plan, mut variables) = compile(inputs, outputs)?;
    plan.run(&mut variables, tensors)?;
    plan.output(&variables, 0)
}

fn refused<T>(result: Result<T>) -> Error {
    result.err().expect("a mistake that was not refused")
}

fn update(state: Var<'_>, next: Var<'_>) -> Result<Plan> {
    let signature = Signature {
        updates: vec![(state, next)],
        ..Signature::default()
    };
    Plan::compile(&signature, &mut Variables::new(Engine::single()), &Options::default())
}

/// An op of a user whose derivatives multiply vectors as if they were matrices.
#[derive(Clone, Copy, Debug)]
struct Wrong;

impl Op for Wrong {
    fn name(&self) -> &'static str {
        "wrong"
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        Ok(x[0])
    }

    fn lowering(&self) -> Lowering {
        Lowering::View
    }

    fn view(&self, x: &rosenblatt_tensor::Layout) -> Result<Option<rosenblatt_tensor::Layout>> {
        Ok(Some(*x))
    }

    fn vjp<'g>(&self, _: usize, x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(x[0].matmul(dy))
    }

    fn jvp<'g>(&self, x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(x[0].matmul(dx[0]?))
    }
}

#[test]
fn every_mistake_is_named_with_its_line() {
    for row in ROWS {
        let (error, line) = (row.find)();
        println!("{}: {error:?}", row.wrote);
        assert_eq!(error.kind(), row.kind, "{}: {error}", row.wrote);
        assert!(error.to_string().contains(row.says), "{}: {error}", row.wrote);
        if let Some(line) = line {
            let place = format!("{}:{line}: ", file!());
            assert!(
                error.to_string().starts_with(&place),
                "{}: {error}, not {place}",
                row.wrote
            );
        }
    }
    println!("cases: misuse {}", ROWS.len());
}

/// Only what depends on a mistake is lost, and the graph can be used after it.
#[test]
fn a_mistake_takes_nothing_else_with_it() {
    let graph = Graph::dynamic();
    let [a, b] = pair(&graph);
    let (short, before) = (graph.constant([1.0, 2.0, 3.0].into()), a * b);
    let dead = (a + short).exp().slice(0, 1, 9).sum(&[5], false);
    let numbers = |x: Var<'_>| x.value().unwrap().to_f64();
    assert_eq!((numbers(a), numbers(before)), (vec![1.0, 2.0], vec![3.0, 8.0]));
    assert_eq!(numbers(before + 1.0), [4.0, 9.0], "after the mistake, but without it");
    let first = graph.take_error().unwrap();
    assert!(first.to_string().contains("[2] and [3] do not broadcast"), "{first}");
    assert_eq!(graph.take_error(), None);

    assert_eq!(
        dead.value().unwrap_err(),
        first,
        "what came of it stays dead, and says why"
    );
    assert_eq!((dead * 2.0).concat(&[a], 0).value().unwrap_err(), first);
    assert_eq!(reverse::gradients(dead, &[a])[0].value().unwrap_err(), first);
    assert_eq!(
        reverse::gradients(before.sum_all(), &[a, dead])[1].value().unwrap_err(),
        first
    );
    assert_eq!(forward::jvp(&[dead, before], &[a], &[b])[0].value().unwrap_err(), first);
    assert_eq!(graph.error(), None, "none of that is a mistake of its own");

    let second = a + graph.constant([1.0; 5].into());
    assert_eq!(graph.error(), second.value().err());
    assert_ne!(graph.error(), Some(first));
    assert_eq!(numbers(reverse::gradients(before.sum_all(), &[a])[0]), [3.0, 4.0]);
}

/// A plan needs only what it computes to be sound, once the mistake was taken.
#[test]
fn a_graph_compiles_after_its_mistake_was_taken() {
    let graph = fixed();
    let x = graph.input("x", DType::F32, Shape::new(&[2]).unwrap());
    let dead = x + graph.constant([1.0f32; 3].into());
    assert!(compile(&[x], &[x * 2.0]).is_err());
    let error = graph.take_error().unwrap();
    let y = run(&[x], &[x * 2.0], &[&[1.0f32, 2.0].into()]).unwrap();
    assert_eq!(y.to_f64(), [2.0, 4.0]);
    assert_eq!(refused(compile(&[x], &[x * 2.0, dead])), error);
}

/// A graph behind a lock, used by threads one after the other, as Python does.
#[test]
fn threads_share_a_graph_behind_a_lock() {
    let graph = std::sync::Mutex::new(Graph::dynamic());
    let id = graph.lock().unwrap().constant(2.0.into()).id();
    let square = || {
        let graph = graph.lock().unwrap();
        let x = graph.var(id).unwrap();
        (x * x).id()
    };
    let ids: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(square)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let graph = graph.into_inner().unwrap();
    for id in ids {
        assert_eq!(graph.var(id).unwrap().value().unwrap().item().unwrap(), 4.0);
    }
}
