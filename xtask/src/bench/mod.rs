//! `cargo xtask bench peers`: our engine compared with others, in one sitting; [`reading`]: our CSV reader.
//!
//! A shared machine drifts between fast and slow, so the engines take turns, round by round, each in a process that
//! stays warm and sleeps while another runs; medians, minima and ratios are what counts.

mod markdown;
mod peer;
mod probe;
mod reading;

use std::thread::sleep;
use std::time::Duration;

use crate::Command;
use crate::args::Args;
use crate::shell::{self, Outcome, root};

use peer::Peer;

pub use markdown::today;

/// See the module.
pub const COMMAND: Command = Command {
    name: "bench",
    help: "peers [--rounds 7] [--task NAME] | reading [--times 7]  our speed compared with others",
    run,
};

/// One kind of work, as the peers know it.
pub struct Task {
    /// Key of its section in the report.
    pub name: &'static str,
    /// What it is, for the report.
    pub title: &'static str,
    /// Arguments of every peer.
    pub arguments: &'static str,
    /// What one figure of the report is.
    pub unit: Unit,
    /// Whether JAX has this work too.
    pub has_jax: bool,
}

/// How a round becomes a figure.
#[derive(Clone, Copy, PartialEq)]
pub enum Unit {
    /// Seconds of the round, which is one epoch.
    SecondsAnEpoch,
    /// Microseconds of one optimizer step.
    MicrosecondsAStep,
}

/// Every task, in the order they run.
static TASKS: &[Task] = &[
    Task {
        name: "fashion-256",
        title: "Fashion-MNIST, 784-256-10, ReLU, cross-entropy, SGD, batch 256",
        arguments: "--task fashion --batch 256",
        unit: Unit::SecondsAnEpoch,
        has_jax: true,
    },
    Task {
        name: "fashion-32",
        title: "Fashion-MNIST, 784-256-10, ReLU, cross-entropy, SGD, batch 32",
        arguments: "--task fashion --batch 32",
        unit: Unit::SecondsAnEpoch,
        has_jax: true,
    },
    Task {
        name: "lenet",
        title: "Fashion-MNIST, LeNet-5 with ReLU and max pooling, cross-entropy, SGD, batch 64",
        arguments: "--task lenet",
        unit: Unit::SecondsAnEpoch,
        has_jax: false,
    },
    Task {
        name: "tiny",
        title: "breast cancer, 30-64-64-2, ReLU, cross-entropy, Adam, batch 32",
        arguments: "--task tiny",
        unit: Unit::MicrosecondsAStep,
        has_jax: true,
    },
];

/// Threads of one engine must have gone to sleep before the next starts.
const PAUSE: Duration = Duration::from_millis(300);

/// The figures of one engine, and how fast the machine was during each.
pub struct Series {
    /// Whose they are.
    pub engine: &'static str,
    /// One figure a round.
    pub figures: Vec<f64>,
    /// GFLOP/s of the probe just before each round.
    pub probes: Vec<f64>,
    /// Loss of the last round.
    pub loss: f64,
}

fn run(mut args: Args) -> Outcome {
    match args.word().as_deref() {
        Some("peers") => peers(args),
        Some("reading") => {
            let times = args.value("--times")?.unwrap_or(7);
            args.finish()?;
            reading::run(times)
        }
        _ => Err("expected `bench peers` or `bench reading`".into()),
    }
}

fn peers(mut args: Args) -> Outcome {
    let rounds = args.value("--rounds")?.unwrap_or(7);
    let wanted: Option<String> = args.value("--task")?;
    args.finish()?;
    if rounds == 0 {
        return Err("--rounds: expected at least 1".into());
    }
    let tasks: Vec<_> = TASKS
        .iter()
        .filter(|task| wanted.as_deref().is_none_or(|name| name == task.name))
        .collect();
    if tasks.is_empty() {
        return Err(format!("--task: expected one of {}", names()).into());
    }
    for task in tasks {
        let series = measure(task, rounds)?;
        let path = root().join("docs/performance.md");
        let text = markdown::with_section(&shell::read_or_empty(&path)?, task, &series, rounds)?;
        std::fs::write(&path, text)?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

fn names() -> String {
    TASKS.iter().map(|task| task.name).collect::<Vec<_>>().join(", ")
}

/// One warm-up round each, then `rounds` rounds in turn.
fn measure(task: &Task, rounds: usize) -> Outcome<Vec<Series>> {
    println!("{}", task.title);
    let mut peers = Peer::start_all(task)?;
    for peer in &mut peers {
        peer.round()?;
    }
    let blank = |peer: &Peer| Series {
        engine: peer.name(),
        figures: vec![],
        probes: vec![],
        loss: f64::NAN,
    };
    let mut all: Vec<Series> = peers.iter().map(blank).collect();
    for number in 1..=rounds {
        for (peer, series) in peers.iter_mut().zip(&mut all) {
            sleep(PAUSE);
            let probe = probe::gigaflops();
            let round = peer.round()?;
            let figure = round.figure(task.unit)?;
            println!(
                "round {number}  {:<12} {figure:>9.4}  loss {:.4}  probe {probe:.1} GF/s",
                series.engine, round.loss
            );
            series.figures.push(figure);
            series.probes.push(probe);
            series.loss = round.loss;
        }
    }
    Ok(all)
}

/// The middle value; the mean of the two in the middle for an even count.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// The smallest value.
pub fn minimum(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::min)
}

#[cfg(test)]
mod tests {
    use super::{median, minimum};

    #[test]
    fn median_and_minimum_of_few_values() {
        assert!(median(&[]).is_nan() && minimum(&[]).is_nan());
        assert_eq!((median(&[3.0]), minimum(&[3.0])), (3.0, 3.0));
        assert_eq!((median(&[9.0, 1.0, 2.0]), minimum(&[9.0, 1.0, 2.0])), (2.0, 1.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 8.0]), 3.0);
    }
}
