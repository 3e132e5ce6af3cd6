//! What a user writes by mistake: the kind of the error, what it says, and that it names the line at fault.

mod derivatives;
mod graphs;
mod scans;

use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Var, forward, reverse};
use rosenblatt_tensor::{DType, Error, ErrorKind, Result, Shape, Tensor};

/// What a mistake led to, and the line it must name, if one.
type Found = (Error, Option<u32>);

struct Row {
    file: &'static str,
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
        &[$(Row { file: file!(), wrote: $wrote, find: $find, kind: ErrorKind::$kind, says: $says }),*]
    };
}

use {here, rows};

fn all() -> impl Iterator<Item = &'static Row> {
    [graphs::ROWS, derivatives::ROWS, scans::ROWS].into_iter().flatten()
}

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

/// A value that was computed from `x` in a scope that has ended.
fn freed(x: Var<'_>) -> Var<'_> {
    let mut y = x;
    x.graph().scope(|_| y = x.exp());
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

#[test]
fn every_mistake_is_named_with_its_line() {
    for row in all() {
        let (error, line) = (row.find)();
        println!("{}: {error:?}", row.wrote);
        assert_eq!(error.kind(), row.kind, "{}: {error}", row.wrote);
        assert!(error.to_string().contains(row.says), "{}: {error}", row.wrote);
        if let Some(line) = line {
            let place = format!("{}:{line}: ", row.file);
            assert!(
                error.to_string().starts_with(&place),
                "{}: {error}, not {place}",
                row.wrote
            );
        }
    }
    println!("cases: misuse {}", all().count());
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
