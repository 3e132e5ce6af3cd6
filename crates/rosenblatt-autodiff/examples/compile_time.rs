//! Seconds to build, differentiate and compile an unrolled LSTM: `compile_time STEPS…` prints a line
//! `STEPS NODES BUILD DIFFERENTIATE COMPILE` for each number of steps, the fastest of a few repetitions.

use std::env;
use std::time::Instant;

use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::reverse::gradients;
use rosenblatt_autodiff::{Engine, Execution, Graph, Var};
use rosenblatt_tensor::{DType, Error, Result, Shape};

const BATCH: usize = 64;
const UNITS: usize = 64;
const REPETITIONS: usize = 3;

fn main() -> Result<()> {
    for word in env::args().skip(1) {
        let steps = word
            .parse()
            .map_err(|_| Error::config(format!("expected a number of steps, got `{word}`")))?;
        let mut best = measure(steps)?;
        for _ in 1..REPETITIONS {
            let next = measure(steps)?;
            if next.1.iter().sum::<f64>() < best.1.iter().sum() {
                best = next;
            }
        }
        let (nodes, [build, differentiate, compile]) = best;
        println!("{steps} {nodes} {build:.6} {differentiate:.6} {compile:.6}");
    }
    Ok(())
}

/// The number of nodes, and the seconds of the three phases.
fn measure(steps: usize) -> Result<(usize, [f64; 3])> {
    let start = Instant::now();
    let graph = Graph::new(Execution::Static);
    let x = graph.input("x", DType::F32, Shape::new(&[steps * BATCH, UNITS])?);
    let sizes: [(&str, &[usize]); 3] = [
        ("input weight", &[4 * UNITS, UNITS]),
        ("recurrent weight", &[4 * UNITS, UNITS]),
        ("bias", &[4 * UNITS]),
    ];
    let mut parameters = Vec::new();
    for (name, sizes) in sizes {
        parameters.push(graph.variable(name, DType::F32, Shape::new(sizes)?));
    }
    let last = lstm(x, &parameters, steps);
    let loss = (last * last).mean_all();
    let built = start.elapsed().as_secs_f64();
    let slopes = gradients(loss, &parameters);
    let differentiated = start.elapsed().as_secs_f64();
    let signature = Signature {
        inputs: vec![x],
        outputs: [vec![loss], slopes].concat(),
        ..Signature::default()
    };
    Plan::compile(&signature, &mut Variables::new(Engine::single()), &Options::default())?;
    let compiled = start.elapsed().as_secs_f64();
    Ok((graph.len(), [built, differentiated - built, compiled - differentiated]))
}

/// The last hidden state. All inputs are projected in one product before the loop.
fn lstm<'g>(x: Var<'g>, parameters: &[Var<'g>], steps: usize) -> Var<'g> {
    let [input, recurrent, bias] = [parameters[0], parameters[1], parameters[2]];
    let projected = x.matmul(input.matrix_transpose()) + bias;
    let zeros = x.full_like(0.0).broadcast_to(&[BATCH, UNITS]);
    let (mut h, mut c) = (zeros, zeros);
    for step in 0..steps {
        let own = projected.slice(0, step * BATCH, (step + 1) * BATCH);
        let z = own + h.matmul(recurrent.matrix_transpose());
        let gate = |i: usize| z.slice(1, i * UNITS, (i + 1) * UNITS);
        c = gate(1).sigmoid() * c + gate(0).sigmoid() * gate(2).tanh();
        h = gate(3).sigmoid() * c.tanh();
    }
    h
}
