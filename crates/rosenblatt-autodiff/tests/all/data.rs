//! Graphs as data: what comes back computes the same bits.

use crate::common::{Sample, bits, each_sample, normal};
use rosenblatt_autodiff::ops::Clamp;
use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{
    Elementwise, Engine, Execution, Graph, GraphData, NodeData, NodeId, Op, Real, Type, Unary, Var, reverse,
};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, ErrorKind, Shape, Tensor};

/// The graph, written as JSON and read again.
fn again(graph: &Graph, execution: Execution) -> Graph {
    let text = serde_json::to_string(&graph.to_data().unwrap()).unwrap();
    let data: GraphData = serde_json::from_str(&text).unwrap();
    let read = Graph::from_data(&data, execution).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(serde_json::to_string(&read.to_data().unwrap()).unwrap(), text);
    read
}

/// The result of a sample and its gradients, for leaves that are on the graph.
fn outputs<'g>(sample: &Sample, graph: &'g Graph, leaves: &[Var<'g>], rng: &mut Stream) -> Vec<Var<'g>> {
    let operands: Vec<Var<'g>> = sample.wiring.iter().map(|&leaf| leaves[leaf]).collect();
    let y = graph.apply_shared(sample.op.clone(), &operands);
    let wrt: Vec<Var<'g>> = sample.differentiable().iter().map(|&i| leaves[i]).collect();
    let mut all = vec![y];
    if !wrt.is_empty() {
        all.extend(reverse::vjp(y, graph.constant(normal(rng, &y.shape())), &wrt));
    }
    all
}

/// The outputs of a static graph whose inputs are `leaves`, by their numbers.
fn run(graph: &Graph, inputs: &[NodeId], outputs: &[NodeId], leaves: &[Tensor]) -> Vec<Vec<u64>> {
    let vars = |ids: &[NodeId]| ids.iter().map(|&id| graph.var(id).unwrap()).collect();
    let signature = Signature {
        inputs: vars(inputs),
        outputs: vars(outputs),
        ..Signature::default()
    };
    let mut variables = Variables::new(Engine::single());
    let plan = Plan::compile(&signature, &mut variables, &Options::default()).unwrap();
    plan.run(&mut variables, &leaves.iter().collect::<Vec<_>>()).unwrap();
    (0..outputs.len())
        .map(|i| bits(&plan.output(&variables, i).unwrap()))
        .collect()
}

#[test]
fn dynamic_graphs_come_back_with_equal_bits() {
    each_sample("dynamic-data", |sample, rng| {
        let graph = Graph::dynamic();
        let leaves: Vec<Var<'_>> = sample.leaves.iter().map(|leaf| graph.constant(leaf.clone())).collect();
        outputs(sample, &graph, &leaves, rng);
        let read = again(&graph, Execution::Dynamic);
        assert_eq!(read.len(), graph.len());
        for id in 0..graph.len() {
            let values = [&graph, &read].map(|graph| graph.var(id).unwrap().value().unwrap());
            assert_eq!(values[0].dtype(), values[1].dtype());
            assert_eq!(values[0].shape(), values[1].shape());
            assert_eq!(bits(&values[0]), bits(&values[1]), "node {id} of {graph:?}");
        }
        Ok(true)
    });
}

#[test]
fn static_graphs_come_back_with_equal_bits() {
    each_sample("static-data", |sample, rng| {
        let graph = Graph::new(Execution::Static);
        let input = |(i, leaf): (usize, &Tensor)| graph.input(format!("x{i}"), leaf.dtype(), *leaf.shape());
        let leaves: Vec<Var<'_>> = sample.leaves.iter().enumerate().map(input).collect();
        let outputs: Vec<NodeId> = outputs(sample, &graph, &leaves, rng).iter().map(|y| y.id()).collect();
        let inputs: Vec<NodeId> = leaves.iter().map(|x| x.id()).collect();
        let values: Vec<Tensor> = sample.leaves.iter().map(Tensor::contiguous).collect();
        let expected = run(&graph, &inputs, &outputs, &values);
        assert_eq!(
            run(&again(&graph, Execution::Static), &inputs, &outputs, &values),
            expected
        );
        Ok(true)
    });
}

/// Every type of elements with its special numbers, inputs and variables.
#[test]
fn numbers_and_names_survive() {
    let graph = Graph::new(Execution::Static);
    let special = [
        f64::NAN,
        f64::INFINITY,
        -f64::INFINITY,
        -0.0,
        5e-324,
        0.1 + 0.2,
        f64::MAX,
        1.0,
        1e16,
    ];
    graph.constant(Tensor::from(special));
    graph.constant(Tensor::from(special.map(|x| x as f32)));
    graph.constant(Tensor::from([i64::MIN, i64::MAX, 0]));
    graph.constant(Tensor::from([0_u8, 255]));
    graph.constant(Tensor::from([true, false]));
    graph.constant(Tensor::zeros(DType::F32, Shape::new(&[0, 3]).unwrap()));
    graph.constant(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).permute(&[1, 0]).unwrap());
    graph.input("x", DType::I64, Shape::new(&[2, 3]).unwrap());
    graph.variable("w \"quoted\"", DType::F32, Shape::SCALAR);
    let read = again(&graph, Execution::Static);
    for id in 0..7 {
        let values = [&graph, &read].map(|graph| graph.var(id).unwrap().value().unwrap());
        assert_eq!(
            (values[0].dtype(), values[0].shape()),
            (values[1].dtype(), values[1].shape())
        );
        assert_eq!(bits(&values[0]), bits(&values[1]));
    }
    assert_eq!(format!("{read:?}"), format!("{graph:?}"));
}

#[derive(Clone, Debug)]
struct Own;

impl Elementwise for Own {
    const NAME: &'static str = "own";

    fn f<T: Real>(&self, x: T) -> T {
        x + x
    }

    fn df<T: Real>(&self, x: T, _y: T) -> T {
        x.full_like(2.0)
    }
}

#[derive(Clone, Debug)]
struct OtherTanh;

impl Elementwise for OtherTanh {
    const NAME: &'static str = "tanh";

    fn f<T: Real>(&self, x: T) -> T {
        x
    }

    fn df<T: Real>(&self, x: T, _y: T) -> T {
        x.full_like(1.0)
    }
}

#[test]
fn ops_that_are_not_registered_are_named() {
    let with = |apply: fn(Var<'_>) -> Var<'_>| {
        let graph = Graph::dynamic();
        apply(graph.constant(1.0.into()));
        graph.to_data().unwrap_err()
    };
    let error = with(|x| x.apply(Unary(Own)));
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error.to_string().contains("node 1") && error.to_string().contains("`own`"),
        "{error}"
    );
    let error = with(|x| x.apply(Unary(OtherTanh)));
    assert!(error.to_string().contains("`tanh` is not the registered op"), "{error}");
    let error = with(|x| x.reshape(&[7]));
    assert_eq!(error.kind(), ErrorKind::Shape, "{error}");
}

#[test]
fn wrong_data_are_errors() {
    let good = |name: &str, inputs: &[NodeId], shape: &[usize]| GraphData {
        nodes: vec![
            NodeData::Constant {
                value: Tensor::from([1.0, 2.0]),
            },
            NodeData::Op {
                name: name.into(),
                attributes: Unary(Clamp { min: 0.0, max: 1.0 }).attributes(),
                inputs: inputs.to_vec(),
                ty: Type::new(DType::F64, Shape::new(shape).unwrap()),
            },
        ],
    };
    let cases = [
        (good("clamp", &[0], &[2]), None),
        (good("clump", &[0], &[2]), Some("no op is called `clump`")),
        (good("tanh", &[0], &[2]), Some("unknown attribute `max`")),
        (good("clamp", &[0, 0], &[2]), Some("expected 1 operands")),
        (good("clamp", &[1], &[2]), Some("node 1 does not exist")),
        (good("clamp", &[0], &[3]), Some("the data say f64 [3]")),
    ];
    for (data, says) in cases {
        for execution in [Execution::Static, Execution::Dynamic] {
            match (Graph::from_data(&data, execution), says) {
                (Ok(_), None) => {}
                (Err(error), Some(says)) => {
                    let text = error.to_string();
                    assert!(text.contains("node 1") && text.contains(says), "{text}, not {says}");
                }
                (Ok(_), Some(says)) => panic!("no error that says {says}"),
                (Err(error), None) => panic!("{error}"),
            }
        }
    }
    for text in [
        r#"{"nodes": [{"kind": "constant", "value": {"dtype": "u8", "shape": [1], "data": [256]}}]}"#,
        r#"{"nodes": [{"kind": "constant", "value": {"dtype": "f64", "shape": [2], "data": [1.0]}}]}"#,
        r#"{"nodes": [{"kind": "constant", "value": {"dtype": "bool", "shape": [1], "data": [1]}}]}"#,
        r#"{"nodes": [{"kind": "input", "name": "x", "type": {"dtype": "f64", "shape": [-1]}}]}"#,
        r#"{"nodes": [{"kind": "input", "name": "x", "type": {"dtype": "f64", "shape": [2]}, "more": 1}]}"#,
        r#"{"nodes": [{"kind": "loop"}]}"#,
    ] {
        assert!(serde_json::from_str::<GraphData>(text).is_err(), "{text}");
    }
    // Two inputs of one name.
    let twice = GraphData {
        nodes: vec![
            NodeData::Input {
                name: "x".into(),
                ty: Type::new(DType::F64, Shape::SCALAR)
            };
            2
        ],
    };
    assert!(Graph::from_data(&twice, Execution::Static).is_err());
}

/// Python bindings and servers keep a graph behind a lock.
#[test]
fn a_graph_may_move_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<Graph>();
}
