//! Random programs of 5 to 25 ops: values and derivatives to the third order against PyTorch, dynamic and compiled.
//!
//! `fixtures/programs.json.gz` has a hundred. A soak makes a thousand others, if `ROSENBLATT_PYTHON` names a Python with
//! PyTorch.

use std::collections::BTreeMap;

use crate::common::{bits, fixtures};
use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, GraphData, NodeData, NodeId, Type, Var, ops, reverse};
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::{cases_by_python, fixture};
use serde_json::Value;

fn ids(value: &Value) -> Vec<NodeId> {
    serde_json::from_value(value.clone()).unwrap()
}

/// Multiples of ½ in −1..1: element `j` of leaf `i`, as the script has them.
fn direction<'g>(graph: &'g Graph, i: usize, x: Var<'g>) -> Var<'g> {
    let numbers = (0..x.shape().elements()).map(|j| ((7 * j + 3 * i) % 5) as f64 / 2.0 - 1.0);
    graph.constant(Tensor::from_vec(numbers.collect(), &x.shape()).unwrap())
}

/// The loss, and the gradients of each order by the leaves.
fn derivatives<'g>(graph: &'g Graph, leaves: &[NodeId], outputs: &[NodeId]) -> Vec<Var<'g>> {
    let var = |&id: &NodeId| graph.var(id).unwrap();
    let leaves: Vec<Var<'g>> = leaves.iter().map(var).collect();
    let sums = outputs.iter().map(|id| var(id).sum_all());
    let mut loss = sums.reduce(|a, b| a + b).unwrap();
    let mut all = vec![loss];
    for _ in 0..3 {
        let gradients = reverse::gradients(loss, &leaves);
        let along = gradients
            .iter()
            .enumerate()
            .map(|(i, &g)| (g * direction(graph, i, g)).sum_all());
        loss = along.reduce(|a, b| a + b).unwrap();
        all.extend(gradients);
    }
    all
}

/// The program with its leaves as inputs.
fn with_inputs(mut data: GraphData, leaves: &[NodeId]) -> (GraphData, Vec<Tensor>) {
    let mut values = Vec::new();
    for &leaf in leaves {
        let NodeData::Constant { value } = data.nodes[leaf].clone() else {
            panic!("a leaf is a constant")
        };
        data.nodes[leaf] = NodeData::Input {
            name: format!("x{leaf}"),
            ty: Type::of(&value),
        };
        values.push(value);
    }
    (data, values)
}

fn compiled(data: GraphData, leaves: &[NodeId], outputs: &[NodeId]) -> Vec<Tensor> {
    let (data, values) = with_inputs(data, leaves);
    let graph = Graph::from_data(&data, Execution::Static).unwrap();
    let inputs = leaves.iter().map(|&leaf| graph.var(leaf).unwrap()).collect();
    let outputs = derivatives(&graph, leaves, outputs);
    let count = outputs.len();
    let signature = Signature {
        inputs,
        outputs,
        ..Signature::default()
    };
    let mut variables = Variables::new(Engine::single());
    let plan = Plan::compile(&signature, &mut variables, &Options::default()).unwrap();
    plan.run(&mut variables, &values.iter().collect::<Vec<_>>()).unwrap();
    (0..count).map(|i| plan.output(&variables, i).unwrap()).collect()
}

/// The largest difference from PyTorch, relative to the largest number of the order if that is above 1.
fn difference(actual: &[Tensor], expected: &[Tensor]) -> f64 {
    let numbers = |tensors: &[Tensor]| tensors.iter().flat_map(Tensor::to_f64).collect::<Vec<f64>>();
    let (actual, expected) = (numbers(actual), numbers(expected));
    assert_eq!(actual.len(), expected.len());
    let size = expected.iter().fold(1.0_f64, |size, x| size.max(x.abs()));
    let far = actual.iter().zip(&expected).map(|(a, b)| (a - b).abs() / size);
    far.fold(
        0.0,
        |largest, x| if x.is_nan() { f64::INFINITY } else { x.max(largest) },
    )
}

/// How often a graph has each op, in steps of scans too.
fn count_ops(data: &GraphData, counts: &mut BTreeMap<String, usize>) {
    for node in &data.nodes {
        let NodeData::Op { name, attributes, .. } = node else {
            continue;
        };
        *counts.entry(name.clone()).or_default() += 1;
        if name == "scan" {
            count_ops(&serde_json::from_str(attributes.text("body").unwrap()).unwrap(), counts);
        }
    }
}

fn check(program: &Value) -> Result<f64, String> {
    let data: GraphData = serde_json::from_value(program["graph"].clone()).unwrap();
    let (leaves, outputs) = (ids(&program["leaves"]), ids(&program["outputs"]));
    let graph = Graph::from_data(&data, Execution::Dynamic).map_err(|error| error.to_string())?;
    let values = derivatives(&graph, &leaves, &outputs).into_iter().map(Var::value);
    let values: Vec<Tensor> = values.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let compiled = compiled(data, &leaves, &outputs);
    if let Some(i) = (0..values.len()).find(|&i| bits(&values[i]) != bits(&compiled[i])) {
        return Err(format!("other bits compiled: {:?}, not {:?}", compiled[i], values[i]));
    }
    let mut largest = difference(&values[..1], &[fixtures::tensor(&program["loss"])]);
    if largest > 1e-10 {
        return Err(format!("the losses are {largest:e} apart"));
    }
    for (order, values) in values[1..].chunks(leaves.len()).enumerate() {
        let expected = program["orders"][order]
            .as_array()
            .unwrap()
            .iter()
            .map(fixtures::tensor);
        let far = difference(values, &expected.collect::<Vec<_>>());
        if far > 1e-10 {
            return Err(format!("derivatives of order {} are {far:e} apart", order + 1));
        }
        largest = largest.max(far);
    }
    Ok(largest)
}

#[test]
fn random_programs_are_those_of_pytorch() {
    let mut programs = fixture("programs.json.gz").as_array().unwrap().clone();
    programs.extend(cases_by_python("programs", 1000, env!("CARGO_TARGET_TMPDIR")));
    let (mut largest, mut wrong) = (0.0_f64, Vec::new());
    for (i, program) in programs.iter().enumerate() {
        match check(program) {
            Ok(far) => largest = largest.max(far),
            Err(message) => wrong.push(format!("program {i}: {message}\n{}", program["graph"])),
        }
    }
    println!("cases: programs {}, {largest:e} from PyTorch", programs.len());
    assert!(wrong.is_empty(), "{} programs: {}", wrong.len(), wrong[0]);
}

/// All but random numbers, which PyTorch does not have.
#[test]
fn random_programs_have_every_op() {
    let mut counts = BTreeMap::new();
    for program in fixture("programs.json.gz").as_array().unwrap() {
        let data: GraphData = serde_json::from_value(program["graph"].clone()).unwrap();
        count_ops(&data, &mut counts);
    }
    println!("{counts:?}");
    let missing: Vec<&str> = ops::families().map(|family| family.name).collect();
    let missing: Vec<_> = missing.into_iter().filter(|&name| !counts.contains_key(name)).collect();
    assert_eq!(
        missing,
        ["random"],
        "ops without a line in `MAKERS` of fixtures/program_ops.py, or that no program has by chance"
    );
}
