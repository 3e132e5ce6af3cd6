//! Arithmetic of integers: exact, wrapping, without derivatives, the same compiled.

use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Var, reverse};
use rosenblatt_tensor::{DType, Shape, Tensor};

const MIN: i64 = i64::MIN;
const MAX: i64 = i64::MAX;

/// Operands that meet every edge, and the results by hand.
const A: [i64; 9] = [7, -7, 7, -7, 0, 5, MIN, MAX, MIN];
const B: [i64; 9] = [2, 2, -2, -2, 3, 0, -1, 1, MIN];

type Row = (&'static str, for<'g> fn(Var<'g>, Var<'g>) -> Var<'g>, [i64; 9]);

const ROWS: &[Row] = &[
    ("add", |a, b| a + b, [9, -5, 5, -9, 3, 5, MAX, MIN, 0]),
    ("sub", |a, b| a - b, [5, -9, 9, -5, -3, 5, MIN + 1, MAX - 1, 0]),
    ("mul", |a, b| a * b, [14, -14, -14, 14, 0, 0, MIN, MAX, 0]),
    ("neg", |a, _| -a, [-7, 7, -7, 7, 0, -5, MIN, -MAX, MIN]),
    ("abs", |a, _| a.abs(), [7, 7, 7, 7, 0, 5, MIN, MAX, MIN]),
    ("sign", |a, _| a.sign(), [1, -1, 1, -1, 0, 1, -1, 1, -1]),
    ("maximum", |a, b| a.maximum(b), [7, 2, 7, -2, 3, 5, -1, MAX, MIN]),
    ("minimum", |a, b| a.minimum(b), [2, -7, -2, -7, 0, 0, MIN, 1, MIN]),
    ("floor_div", |a, b| a.floor_div(b), [3, -4, -4, 3, 0, 0, MIN, MAX, 1]),
    ("remainder", |a, b| a.remainder(b), [1, 1, -1, -1, 0, 5, 0, 0, 0]),
    ("floor", |a, b| a.floor_div(b) * b + a.remainder(b), A),
    ("scalar", |a, _| a * 2.0 + 1.0, [15, -13, 15, -13, 1, 11, 1, -1, 1]),
    ("lt", |a, b| a.lt(b).cast(DType::I64), [0, 1, 0, 1, 1, 0, 1, 0, 0]),
    ("ne", |a, b| a.ne(b).cast(DType::I64), [1, 1, 1, 1, 1, 1, 1, 1, 0]),
    ("eq", |a, b| a.eq(b).cast(DType::I64), [0, 0, 0, 0, 0, 0, 0, 0, 1]),
];

#[test]
fn results_are_those_by_hand() {
    for (name, function, expected) in ROWS {
        let graph = Graph::dynamic();
        let y = function(graph.constant(A.into()), graph.constant(B.into()));
        assert_eq!(y.value().unwrap().to_vec::<i64>().unwrap(), expected, "{name}");
    }
}

/// One fused chain, in place where it can be, and the operand's row stretched.
#[test]
fn compiled_results_are_the_same() {
    let graph = Graph::new(Execution::Static);
    let [a, b] = ["a", "b"].map(|name| graph.input(name, DType::I64, Shape::new(&[9]).unwrap()));
    let outputs: Vec<Var<'_>> = ROWS.iter().map(|(_, function, _)| function(a, b)).collect();
    let signature = Signature {
        inputs: vec![a, b],
        outputs,
        ..Signature::default()
    };
    let mut variables = Variables::new(Engine::single());
    let plan = Plan::compile(&signature, &mut variables, &Options::default()).unwrap();
    plan.run(&mut variables, &[&A.into(), &B.into()]).unwrap();
    for (i, (name, _, expected)) in ROWS.iter().enumerate() {
        let y = plan.output(&variables, i).unwrap();
        assert_eq!(y.to_vec::<i64>().unwrap(), expected, "{name}");
    }
}

/// An index computed from integers passes gradients to what it picks, and none to itself.
#[test]
fn integers_have_no_derivative() {
    let graph = Graph::dynamic();
    let x = graph.constant([1.0, 2.0, 3.0, 4.0].into());
    let index = graph.constant([5_i64, 6, 8].into());
    let y = (x * x).take(index.remainder(index.full_like(4.0)));
    assert_eq!(y.value().unwrap().to_f64(), [4.0, 9.0, 1.0]);
    let gradient = reverse::gradients(y.sum_all(), &[x])[0].value().unwrap();
    assert_eq!(gradient.to_f64(), [2.0, 4.0, 6.0, 0.0]);
}

#[test]
fn other_types_are_refused() {
    let graph = Graph::dynamic();
    let bytes = graph.constant([1_u8, 2].into());
    let floats = graph.constant([1.0, 2.0].into());
    let whole = graph.constant([1_i64, 2].into());
    for y in [
        bytes + bytes,
        whole + floats,
        whole / whole,
        floats.floor_div(floats),
        whole.exp(),
    ] {
        let error = y.value().unwrap_err();
        assert_eq!(error.kind(), rosenblatt_tensor::ErrorKind::Shape, "{error}");
    }
}

#[test]
fn the_identity_matrix_is_made() {
    for execution in [Execution::Dynamic, Execution::Static] {
        assert_eq!(Graph::new(execution).eye(3, DType::F32).shape()[..], [3, 3]);
    }
    let graph = Graph::dynamic();
    assert_eq!(graph.eye(2, DType::F64).value().unwrap().to_f64(), [1.0, 0.0, 0.0, 1.0]);
    assert_eq!(graph.eye(0, DType::I64).value().unwrap().shape()[..], [0, 0]);
    let x: Tensor = [[1.0, 2.0], [3.0, 4.0]].into();
    let product = graph.constant(x.clone()).matmul(graph.eye(2, DType::F64));
    assert_eq!(product.value().unwrap().to_f64(), x.to_f64());
}
