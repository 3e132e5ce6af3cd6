//! Our side of `benches/peers/onnx_row.py`: predicts one row many times for each line `round` on stdin, on one thread,
//! and answers with one line of JSON.

use std::env;
use std::io::{self, BufRead, Write};
use std::time::Instant;

use rosenblatt_autodiff::plan::{Input, Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Var};
use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor};

/// As in the other peer.
const PREDICTIONS: u32 = 5_000;

fn main() -> Result<()> {
    let task = env::args().skip_while(|word| word != "--task").nth(1);
    let sizes: &[usize] = match task.as_deref() {
        Some("fashion") => &[784, 256, 10],
        Some("tiny") => &[30, 64, 64, 2],
        other => {
            return Err(Error::config(format!(
                "--task: expected `fashion` or `tiny`, got {other:?}"
            )));
        }
    };
    let (plan, variables) = compiled(sizes)?;
    let mut workspace = plan.workspace()?;
    let row: Vec<f32> = (0..sizes[0]).map(number).collect();
    let mut output = vec![0.0f32; sizes[sizes.len() - 1]];
    let mut predict = || {
        plan.run_shared(&variables, &mut workspace, &[Input::from(&row[..])])?;
        plan.read_into(&workspace, 0, &mut output)?;
        Ok::<f32, Error>(output[0])
    };
    for line in io::stdin().lock().lines() {
        if line? != "round" {
            return Err(Error::config("expected `round`"));
        }
        let start = Instant::now();
        let mut first = 0.0;
        for _ in 0..PREDICTIONS {
            first = predict()?;
        }
        let seconds = start.elapsed().as_secs_f64();
        let mut answer = io::stdout().lock();
        writeln!(
            answer,
            r#"{{"seconds": {seconds:e}, "predictions": {PREDICTIONS}, "first": {first:e}}}"#
        )?;
        answer.flush()?;
    }
    Ok(())
}

/// Weights and inputs that both peers can make.
fn number(i: usize) -> f32 {
    (i * 7919 % 1013) as f32 / 1013.0 - 0.5
}

/// One row through a network with ReLU between its layers.
fn compiled(sizes: &[usize]) -> Result<(Plan, Variables)> {
    let graph = Graph::new(Execution::Static);
    let x = graph.input("x", DType::F32, Shape::new(&[1, sizes[0]])?);
    let mut variables = Variables::new(Engine::single());
    let (mut h, mut values) = (x, Vec::new());
    let mut parameter = |name: String, sizes: &[usize]| -> Result<Var<'_>> {
        let shape = Shape::new(sizes)?;
        let variable = graph.variable(&name, DType::F32, shape);
        let numbers: Vec<f32> = (0..shape.elements()).map(number).collect();
        values.push((name, Tensor::from_vec(numbers, sizes)?));
        Ok(variable)
    };
    for (i, layer) in sizes.windows(2).enumerate() {
        let weight = parameter(format!("{i}.weight"), &[layer[1], layer[0]])?;
        let z = h.matmul(weight.matrix_transpose()) + parameter(format!("{i}.bias"), &[layer[1]])?;
        h = if i + 2 == sizes.len() { z } else { z.relu() };
    }
    let signature = Signature {
        inputs: vec![x],
        outputs: vec![h],
        ..Signature::default()
    };
    let plan = Plan::compile(&signature, &mut variables, &Options::default())?;
    for (name, value) in &values {
        variables.write(name, value)?;
    }
    Ok((plan, variables))
}
