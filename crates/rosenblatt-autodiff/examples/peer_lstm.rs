//! Our side of `benches/peers/torch_lstm.py`: trains an LSTM of 64 units on 64 sequences of 512 steps, one step of
//! descent for each line `round` on stdin, on two threads, and answers with one line of JSON.

use std::io::{self, BufRead, Write};
use std::time::Instant;

use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::reverse::gradients;
use rosenblatt_autodiff::{Engine, Execution, Graph, Var};
use rosenblatt_tensor::{DType, Error, Isa, Result, Shape, Tensor};

/// As in the other peer.
const STEPS: usize = 512;
const BATCH: usize = 64;
const UNITS: usize = 64;
const THREADS: usize = 2;
const RATE: f64 = 0.01;

const PARAMETERS: [(&str, &[usize]); 4] = [
    ("weight_ih", &[4 * UNITS, UNITS]),
    ("weight_hh", &[4 * UNITS, UNITS]),
    ("bias_ih", &[4 * UNITS]),
    ("bias_hh", &[4 * UNITS]),
];

fn main() -> Result<()> {
    let start = Instant::now();
    let mut variables = Variables::new(Engine::new(Isa::detect(), THREADS)?);
    let plan = compiled(&mut variables)?;
    let compile = start.elapsed().as_secs_f64();
    for (name, shape) in PARAMETERS {
        variables.write(name, &numbers(shape, 0.25)?)?;
    }
    let sequence = [STEPS, BATCH, UNITS];
    let (x, y) = (numbers(&sequence, 2.0)?, numbers(&sequence, 1.0)?);
    for line in io::stdin().lock().lines() {
        if line? != "round" {
            return Err(Error::config("expected `round`"));
        }
        let start = Instant::now();
        plan.run(&mut variables, &[&x, &y])?;
        let (seconds, loss) = (start.elapsed().as_secs_f64(), plan.number(&variables, 0)?);
        let mut answer = io::stdout().lock();
        writeln!(
            answer,
            r#"{{"seconds": {seconds:e}, "loss": {loss:e}, "compile": {compile:e}}}"#
        )?;
        answer.flush()?;
    }
    Ok(())
}

/// One step of descent on the mean squared error of all hidden states.
fn compiled(variables: &mut Variables) -> Result<Plan> {
    let graph = Graph::new(Execution::Static);
    let sequence = Shape::new(&[STEPS, BATCH, UNITS])?;
    let [x, y] = ["x", "y"].map(|name| graph.input(name, DType::F32, sequence));
    let mut parameters = Vec::new();
    for (name, shape) in PARAMETERS {
        parameters.push(graph.variable(name, DType::F32, Shape::new(shape)?));
    }
    let difference = lstm(x, [parameters[0], parameters[1], parameters[2], parameters[3]]) - y;
    let loss = (difference * difference).mean_all();
    let slopes = gradients(loss, &parameters);
    let descent = parameters
        .iter()
        .zip(slopes)
        .map(|(&theta, slope)| (theta, theta - RATE * slope));
    let signature = Signature {
        inputs: vec![x, y],
        outputs: vec![loss],
        updates: descent.collect(),
        check: Some(loss),
    };
    Plan::compile(&signature, variables, &Options::default())
}

/// The hidden states of all steps. All inputs are projected in one product before the loop.
fn lstm<'g>(x: Var<'g>, [w, u, bias_w, bias_u]: [Var<'g>; 4]) -> Var<'g> {
    let flat = x.reshape(&[STEPS * BATCH, UNITS]);
    let projected = flat.matmul(w.matrix_transpose()) + (bias_w + bias_u);
    let zeros = x.full_like(0.0).broadcast_to(&[BATCH, UNITS]);
    let (_, [hidden]) = x.graph().scan(
        [zeros, zeros],
        [projected.reshape(&[STEPS, BATCH, 4 * UNITS])],
        |[h, c], [x]| {
            let z = x + h.matmul(u.matrix_transpose());
            let gate = |i: usize| z.slice(1, i * UNITS, (i + 1) * UNITS);
            let c = gate(1).sigmoid() * c + gate(0).sigmoid() * gate(2).tanh();
            let h = gate(3).sigmoid() * c.tanh();
            ([h, c], [h])
        },
    );
    hidden
}

/// Numbers that both peers can make, between plus and minus half of `width`.
fn numbers(shape: &[usize], width: f32) -> Result<Tensor> {
    let of = |i: usize| ((i * 7919 % 1013) as f32 / 1013.0 - 0.5) * width;
    Tensor::from_vec((0..shape.iter().product()).map(of).collect(), shape)
}
