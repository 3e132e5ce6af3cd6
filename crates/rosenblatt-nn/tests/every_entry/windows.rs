//! Convolution and pooling of random settings: values and derivatives to the second order against PyTorch; the same bits compiled, for
//! each number of threads, by each instruction set, and of a row in any batch.
//!
//! `fixtures/windows.json.gz` has 30. A soak makes 500 others, if `ROSENBLATT_PYTHON` names a Python with PyTorch
//! (`cargo xtask prove convolution`).

use std::collections::BTreeMap;

use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Var, reverse};
use rosenblatt_nn::{Entry, Layer, Mode, Scope, TensorSpec};
use rosenblatt_tensor::{DType, Isa, Tensor};
use rosenblatt_testkit::{cases_by_python, fixture};
use serde_json::Value;

use crate::common::tensor;

/// The largest difference from PyTorch, relative to the largest number of a tensor if that is above 1.
const NEAR: f64 = 1e-10;

/// A layer, its input, and its parameters by name.
struct Case {
    layer: Entry<dyn Layer>,
    x: Tensor,
    parameters: BTreeMap<String, Tensor>,
}

impl Case {
    fn of(json: &Value) -> Self {
        let parameters = json["parameters"].as_object().unwrap().iter();
        Self {
            layer: Entry::from_json(&json["layer"]).unwrap(),
            x: tensor(&json["x"]),
            parameters: parameters
                .map(|(name, value)| (format!("layer.{name}"), tensor(value)))
                .collect(),
        }
    }

    /// The input and the parameters.
    fn operands(&self) -> Vec<Tensor> {
        std::iter::once(&self.x)
            .chain(self.parameters.values())
            .cloned()
            .collect()
    }

    /// The same with f32.
    fn single(&self) -> Self {
        let single = |x: &Tensor| {
            let numbers = x.to_f64().into_iter().map(|x| x as f32).collect::<Vec<f32>>();
            Tensor::from_vec(numbers, x.shape()).unwrap()
        };
        Self {
            layer: self.layer.clone(),
            x: single(&self.x),
            parameters: self
                .parameters
                .iter()
                .map(|(name, value)| (name.clone(), single(value)))
                .collect(),
        }
    }

    /// The result, then the gradients of each order by the operands.
    fn derivatives<'g>(&self, graph: &'g Graph, operands: &[Var<'g>]) -> Vec<Var<'g>> {
        let names = self.parameters.keys().cloned();
        let values: BTreeMap<String, Var<'g>> = names.zip(operands[1..].iter().copied()).collect();
        let scope = Scope::new(graph, operands[0].dtype(), Mode::Eval, move |spec: &TensorSpec| {
            Ok(values[&spec.name])
        });
        let y = scope.apply("layer", &*self.layer, operands[0]);
        scope.finish().unwrap();
        let mut all = vec![y];
        let mut loss = (y.sin() * direction(graph, 0, y)).sum_all();
        for _ in 0..2 {
            let gradients = reverse::gradients(loss, operands);
            let along = gradients
                .iter()
                .enumerate()
                .map(|(i, &g)| (g * direction(graph, i, g)).sum_all());
            loss = along.reduce(|a, b| a + b).unwrap();
            all.extend(gradients);
        }
        all
    }

    fn dynamic(&self) -> Vec<Tensor> {
        let graph = Graph::dynamic();
        let operands: Vec<Var<'_>> = self.operands().into_iter().map(|value| graph.constant(value)).collect();
        let all = self.derivatives(&graph, &operands).into_iter();
        all.map(|y| y.value().unwrap()).collect()
    }

    fn compiled(&self, isa: Isa, threads: usize) -> Vec<Tensor> {
        let graph = Graph::new(Execution::Static);
        let values = self.operands();
        let input = |(i, value): (usize, &Tensor)| graph.input(format!("x{i}"), value.dtype(), *value.shape());
        let inputs: Vec<Var<'_>> = values.iter().enumerate().map(input).collect();
        let outputs = self.derivatives(&graph, &inputs);
        let count = outputs.len();
        let signature = Signature {
            inputs,
            outputs,
            ..Signature::default()
        };
        let mut variables = Variables::new(Engine::new(isa, threads).unwrap());
        let plan = Plan::compile(&signature, &mut variables, &Options::default()).unwrap();
        plan.run(&mut variables, &values.iter().collect::<Vec<_>>()).unwrap();
        (0..count).map(|i| plan.output(&variables, i).unwrap()).collect()
    }
}

/// Multiples of ½ in −1..1: element `j` of tensor `i`, as the script has them.
fn direction<'g>(graph: &'g Graph, i: usize, x: Var<'g>) -> Var<'g> {
    let numbers = (0..x.shape().elements()).map(|j| ((7 * j + 3 * i) % 5) as f64 / 2.0 - 1.0);
    let shape = x.shape();
    let directions = match x.dtype() {
        DType::F32 => Tensor::from_vec(numbers.map(|x| x as f32).collect::<Vec<f32>>(), &shape),
        _ => Tensor::from_vec(numbers.collect::<Vec<f64>>(), &shape),
    };
    graph.constant(directions.unwrap())
}

fn bits(tensors: &[Tensor]) -> Vec<u64> {
    tensors.iter().flat_map(Tensor::to_f64).map(f64::to_bits).collect()
}

/// The largest difference of two tensors, relative to the largest number if that is above 1.
fn difference(actual: &Tensor, expected: &Tensor) -> f64 {
    assert_eq!(actual.shape(), expected.shape());
    let (actual, expected) = (actual.to_f64(), expected.to_f64());
    let size = expected.iter().fold(1.0_f64, |size, x| size.max(x.abs()));
    let far = actual.iter().zip(&expected).map(|(a, b)| (a - b).abs() / size);
    far.fold(
        0.0,
        |largest, x| if x.is_nan() { f64::INFINITY } else { x.max(largest) },
    )
}

/// The distance from PyTorch.
fn check(json: &Value) -> f64 {
    let case = Case::of(json);
    println!("{} {:?}", case.layer, case.x.shape());
    let orders = json["orders"].as_array().unwrap().iter();
    let gradients = orders.flat_map(|order| order.as_array().unwrap()).map(tensor);
    let expected = std::iter::once(tensor(&json["y"])).chain(gradients);
    let actual = case.dynamic();
    assert_eq!(actual.len(), 3 + 2 * case.parameters.len());
    let far = actual
        .iter()
        .zip(expected)
        .map(|(actual, expected)| difference(actual, &expected));
    let far = far.fold(0.0, f64::max);
    assert!(far <= NEAR, "{far:e} from PyTorch: {}", case.layer);
    for case in [&case, &case.single()] {
        let dynamic = bits(&case.dynamic());
        let native = Isa::detect();
        for (isa, threads) in [(native, 1), (native, 2), (Isa::Portable, 1)] {
            assert_eq!(
                bits(&case.compiled(isa, threads)),
                dynamic,
                "{} {isa:?} {threads}",
                case.layer
            );
        }
        rows_alone(case);
    }
    far
}

/// A row has the same result alone.
fn rows_alone(case: &Case) {
    let all = &case.dynamic()[0];
    for row in 0..all.shape()[0] {
        let x = case.x.slice(0, row, row + 1).unwrap().contiguous();
        let layer = case.layer.clone();
        let parameters = case.parameters.clone();
        let alone = &Case { layer, x, parameters }.dynamic()[0];
        assert_eq!(
            bits(std::slice::from_ref(alone)),
            bits(&[all.slice(0, row, row + 1).unwrap()])
        );
    }
}

#[test]
fn random_settings_are_those_of_pytorch() {
    let mut cases = fixture("windows.json.gz").as_array().unwrap().clone();
    cases.extend(cases_by_python("windows", 500, env!("CARGO_TARGET_TMPDIR")));
    let mut counts = BTreeMap::<String, usize>::new();
    let mut largest = 0.0_f64;
    for case in &cases {
        largest = largest.max(check(case));
        *counts.entry(Case::of(case).layer.name().to_owned()).or_default() += 1;
    }
    println!("cases: windows {}", cases.len());
    println!("{largest:e} from PyTorch; {counts:?}");
    assert_eq!(counts.len(), 10, "a layer is compared with nothing: {counts:?}");
}

/// Sizes of a window that hold nothing are refused before a layer is used.
#[test]
fn windows_of_size_0_are_refused() {
    for name in ["conv1d", "conv2d"] {
        for setting in ["kernel_size", "stride", "dilation", "out_channels", "groups"] {
            let mut fields = serde_json::json!({ "out_channels": 2, "kernel_size": 3 });
            fields[setting] = 0.into();
            let error = Entry::<dyn Layer>::from_json(&serde_json::json!({ name: fields })).unwrap_err();
            assert!(error.to_string().contains(setting), "{name} {setting}: {error}");
        }
    }
}
