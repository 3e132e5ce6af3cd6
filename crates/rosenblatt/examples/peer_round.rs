//! Our side of `cargo xtask bench peers`: trains a round for each line `round` on stdin, and answers with one line of
//! JSON. Everything is loaded and compiled before the first round. See `benches/peers/peer.py` for the conversation.

use std::env;
use std::io::{self, BufRead, Write};
use std::ops::ControlFlow;
use std::time::Instant;

use rosenblatt::nn::activations::RELU;
use rosenblatt::nn::layers::{Conv2d, Flatten, MaxPool2d};
use rosenblatt::prelude::*;
use rosenblatt::train::{Callback, Run};

/// As the other peers.
const THREADS: usize = 2;
/// More than anybody asks for; the run ends when stdin does.
const EPOCHS: usize = 1_000_000;

/// One kind of work, as the peers know it.
struct Work {
    data: Prepared,
    overrides: Overrides,
    /// Hidden layers, where widths do not say enough.
    layers: Vec<Entry<dyn Layer>>,
    epochs_of_a_round: usize,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let value = |name: &str| {
        arguments
            .iter()
            .position(|word| word == name)
            .and_then(|at| arguments.get(at + 1))
    };
    let batch = value("--batch").map(|text| {
        text.parse::<usize>()
            .map_err(|_| Error::config(format!("--batch: `{text}`")))
    });
    let Work {
        data,
        mut overrides,
        layers,
        epochs_of_a_round,
    } = match value("--task").map(String::as_str) {
        Some("fashion") => fashion()?,
        Some("lenet") => lenet()?,
        Some("tiny") => tiny()?,
        other => {
            return Err(Error::config(format!(
                "--task: expected `fashion`, `lenet` or `tiny`, got {other:?}"
            )));
        }
    };
    if let Some(batch) = batch.transpose()? {
        overrides = overrides.set("batch_size", batch);
    }
    let mut spec = Preset::Plain.spec(&DataOptions::default(), &overrides, &data)?.spec;
    if !layers.is_empty() {
        spec.model.layers = layers;
    }
    let options = RunOptions {
        threads: THREADS,
        ..RunOptions::default()
    };
    let mut rounds = Rounds {
        epochs: epochs_of_a_round,
        epoch: 0,
        step: 0,
        start: Instant::now(),
    };
    fit(&spec, &data, &options, &mut [&mut rounds]).map(drop)
}

/// 784-256-10 on the training rows of Fashion-MNIST.
fn fashion() -> Result<Work> {
    let mut data = load(&DataOptions::new("fashion-mnist"), 0)?;
    // A round is training alone.
    data.test = None;
    let overrides = Overrides::default()
        .set("hidden", [256])
        .set("optimizer", "sgd")
        .set("learning_rate", 0.1)
        .set("batch_size", 256)
        .set("epochs", EPOCHS);
    Ok(Work {
        data,
        overrides,
        layers: Vec::new(),
        epochs_of_a_round: 1,
    })
}

/// LeNet-5 with ReLU and max pooling on the same rows.
fn lenet() -> Result<Work> {
    let work = fashion()?;
    let block = |conv: Conv2d| -> [Entry<dyn Layer>; 3] { [conv.into(), RELU.into(), MaxPool2d::new(2).into()] };
    let dense = |width| -> [Entry<dyn Layer>; 2] { [Linear::new(width).into(), RELU.into()] };
    let mut layers = Vec::from(block(Conv2d::new(6, 5).same()));
    layers.extend(block(Conv2d::new(16, 5)));
    layers.push(Flatten {}.into());
    layers.extend([120, 84].into_iter().flat_map(dense));
    let overrides = work.overrides.set("batch_size", 64);
    Ok(Work {
        layers,
        overrides,
        ..work
    })
}

/// 30-64-64-2 on all rows of the breast cancer table.
fn tiny() -> Result<Work> {
    let mut data = load(&DataOptions::new("breast_cancer"), 0)?;
    if let Some(test) = data.test.take() {
        data.train = joined(&data.train, &test)?;
    }
    let overrides = Overrides::default()
        .set("hidden", [64, 64])
        .set("optimizer", "adam")
        .set("learning_rate", 1e-3)
        .set("batch_size", 32)
        .set("epochs", EPOCHS);
    Ok(Work {
        data,
        overrides,
        layers: Vec::new(),
        epochs_of_a_round: 20,
    })
}

/// The rows of two parts of a table.
fn joined(one: &Dataset, other: &Dataset) -> Result<Dataset> {
    let rows = one.len() + other.len();
    let features = [one.features().to_vec::<f32>()?, other.features().to_vec::<f32>()?].concat();
    let width = features.len() / rows;
    let targets = |part: &Dataset| part.targets().map_or(Ok(Vec::new()), Tensor::to_vec::<i64>);
    let targets = [targets(one)?, targets(other)?].concat();
    let features = Tensor::from_vec(features, &[rows, width])?;
    Dataset::new(features, Some(Tensor::from_vec(targets, &[rows])?), one.task().clone())
}

/// Lets a run go on round by round.
struct Rounds {
    /// Epochs of a round.
    epochs: usize,
    /// The epoch and the step at which the present round began.
    epoch: usize,
    step: u64,
    start: Instant,
}

impl Rounds {
    /// Waits for the next `round`; breaks if there is none.
    fn wait(&mut self, run: &Run<'_>) -> Result<ControlFlow<()>> {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        (self.epoch, self.step, self.start) = (run.epoch(), run.step(), Instant::now());
        match line.trim() {
            "" => Ok(ControlFlow::Break(())),
            "round" => Ok(ControlFlow::Continue(())),
            other => Err(Error::config(format!("expected `round`, got `{other}`"))),
        }
    }
}

impl Callback for Rounds {
    fn at_start(&mut self, run: &mut Run<'_>) -> Result<()> {
        match self.wait(run)? {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::cancelled("no round was asked for")),
        }
    }

    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        if run.epoch() < self.epoch + self.epochs {
            return Ok(ControlFlow::Continue(()));
        }
        let (seconds, loss, steps) = (
            self.start.elapsed().as_secs_f64(),
            run.metrics().loss(),
            run.step() - self.step,
        );
        let mut output = io::stdout().lock();
        writeln!(
            output,
            r#"{{"seconds": {seconds:e}, "loss": {loss:e}, "steps": {steps}}}"#
        )?;
        output.flush()?;
        self.wait(run)
    }
}
