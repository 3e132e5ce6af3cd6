//! Seconds to build, differentiate and compile an unrolled LSTM.
//!
//! Prints a line `STEPS THREADS NODES BUILD DIFFERENTIATE COMPILE` for the first length with at least 1,000, 2,000, 4,000
//! and 8,000 nodes, and for 512 steps: the fastest of some repetitions.

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
/// As the times are a few milliseconds.
const REPETITIONS: usize = 10;

fn main() -> Result<()> {
    let [one, two] = [measure(1, 1)?.nodes, measure(2, 1)?.nodes];
    let lengths = NODES.map(|nodes| (nodes - one).div_ceil(two - one) + 1);
    for threads in THREADS {
        for steps in lengths.into_iter().chain([STEPS]) {
            let runs = (0..REPETITIONS).map(|_| measure(steps, threads));
            let runs = runs.collect::<Result<Vec<_>>>()?;
            let total = |run: &Run| run.seconds.iter().sum::<f64>();
            if let Some(run) = runs.iter().min_by(|a, b| total(a).total_cmp(&total(b))) {
                let [build, differentiate, compile] = run.seconds;
                println!(
                    "{steps} {threads} {} {build:.6} {differentiate:.6} {compile:.6}",
                    run.nodes
                );
            }
        }
    }
    Ok(())
}

/// The number of nodes, and the seconds of the three parts of the work.
struct Run {
    nodes: usize,
    seconds: [f64; 3],
}

fn measure(steps: usize, threads: usize) -> Result<Run> {
    let mut variables = Variables::new(Engine::new(Isa::detect(), threads)?);
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
    Plan::compile(&signature, &mut variables, &Options::default())?;
    let compiled = start.elapsed().as_secs_f64();
    Ok(Run {
        nodes: graph.len(),
        seconds: [built, differentiated - built, compiled - differentiated],
    })
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
