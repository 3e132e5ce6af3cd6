//! Seconds to build, differentiate and compile an unrolled LSTM.
//!
//! Prints a line `STEPS THREADS NODES SECONDS` for the first length with at least 1,000, 2,000, 4,000 and 8,000 nodes, and
//! for 512 steps: the mean of as many repetitions as have a good many nodes together. Where the system says how long this
//! thread had a processor, other programs do not count.

use std::fs;
use std::time::Instant;

use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::reverse::gradients;
use rosenblatt_autodiff::{Engine, Execution, Graph, Var};
use rosenblatt_tensor::{DType, Isa, Result, Shape};

const BATCH: usize = 64;
const UNITS: usize = 64;
const NODES: [usize; 4] = [1_000, 2_000, 4_000, 8_000];
const STEPS: usize = 512;
const THREADS: [usize; 2] = [1, 2];
/// Of all repetitions together.
const ALL_NODES: usize = 160_000;

fn main() -> Result<()> {
    for threads in THREADS {
        let mut variables = Variables::new(Engine::new(Isa::detect(), threads)?);
        let [one, two] = [compiled(1, &mut variables)?, compiled(2, &mut variables)?];
        let lengths = NODES.map(|nodes| (nodes - one).div_ceil(two - one) + 1);
        for steps in lengths.into_iter().chain([STEPS]) {
            let nodes = compiled(steps, &mut variables)?;
            let repetitions = ALL_NODES.div_ceil(nodes);
            let clock = Instant::now();
            let start = now(clock);
            for _ in 0..repetitions {
                compiled(steps, &mut variables)?;
            }
            let seconds = (now(clock) - start) / repetitions as f64;
            println!("{steps} {threads} {nodes} {seconds:.6}");
        }
    }
    Ok(())
}

/// Seconds this thread has had a processor, or else seconds since `start`.
fn now(start: Instant) -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = text.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |ns| ns * 1e-9)
}

/// Builds, differentiates and compiles; returns the number of nodes.
fn compiled(steps: usize, variables: &mut Variables) -> Result<usize> {
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
    let signature = Signature {
        inputs: vec![x],
        outputs: [vec![loss], gradients(loss, &parameters)].concat(),
        ..Signature::default()
    };
    Plan::compile(&signature, variables, &Options::default())?;
    Ok(graph.len())
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
