//! How fast a training step is, and where its time goes.
//!
//! Steps are taken as [`crate::fit()`] takes them, without callbacks. First whole steps are timed, in rounds, since
//! the speed of a machine changes; then the tasks of some more steps, one by one. What the machine could do is measured
//! next to it ([`peak`]).
//!
//! Start reading at [`bench()`].

mod phase;
mod probe;

use std::time::{Duration, Instant};

use rosenblatt_data::Prepared;
use rosenblatt_tensor::machine::TaskTime;
use rosenblatt_tensor::{Error, Result};
use serde::Serialize;

use crate::model::{Data, Fit, Model, Run};
use crate::options::RunOptions;
use crate::spec::Spec;
use crate::table::fit_of;
use rosenblatt_autodiff::Execution;

pub use phase::Phase;
pub use probe::peak;

/// Share of the time that is spent before anything counts.
const WARM_UP: f64 = 0.1;
/// Rounds of whole steps.
const ROUNDS: u32 = 20;
/// Time for the tasks, as a share of that for whole steps.
const TASKS: f64 = 0.5;
/// How long the machine's peak is measured.
const PROBE: Duration = Duration::from_millis(100);

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Benchmark {
    /// Batch size.
    pub batch: usize,
    /// Learned numbers.
    pub parameters: usize,
    /// Threads that take part in a step.
    pub threads: usize,
    /// Instruction set.
    pub isa: String,
    /// Whole steps that were timed.
    pub steps: u64,
    /// Seconds of a step: the median of the rounds.
    pub seconds: f64,
    /// Seconds of a step in the fastest round.
    pub best_seconds: f64,
    /// Steps a second, from the median.
    pub steps_per_second: f64,
    /// Rows a second, from the median.
    pub rows_per_second: f64,
    /// Operations of the matrix products of a step, a multiply-add counted as two.
    pub operations: f64,
    /// Their 10⁹ a second, from the median.
    pub gigaflops: f64,
    /// What fused multiply-adds alone reach on these threads.
    pub peak_gigaflops: f64,
    /// `gigaflops / peak_gigaflops`
    pub share_of_peak: f64,
    /// What a step is made of, in order.
    pub phases: Vec<PhaseTime>,
    /// The tasks of a step, in order; empty if it is not compiled.
    pub tasks: Vec<TaskFigures>,
}

/// Time of a phase.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseTime {
    /// Which.
    pub phase: Phase,
    /// Seconds in a step, waiting included.
    pub seconds: f64,
    /// Its share of all tasks.
    pub share: f64,
}

/// Figures of one task, as the first thread sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskFigures {
    /// What it computes, and which parameter it updates.
    pub label: String,
    /// What it is part of.
    pub phase: Phase,
    /// Seconds in a step.
    pub seconds: f64,
    /// Seconds in a step that this thread waits for others before it.
    pub waiting: f64,
    /// Share of all tasks, waiting included.
    pub share: f64,
    /// 10⁹ operations a second of its matrix product, all threads together; 0 if it has none.
    pub gigaflops: f64,
}

/// What is timed by default: the digits, one hidden layer, large batches.
const USUAL: &str = "
    [data]
    source = 'digits'
    [model]
    layers = [{ linear = { out_features = 256 } }, 'relu']
    [train]
    optimizer = 'sgd'
    batch_size = 256
";

/// What is timed by default.
///
/// # Errors
/// None.
pub fn usual() -> Result<Spec> {
    Spec::from_toml(USUAL)
}

/// Times training steps of a spec for about `length`, and half as long again their tasks.
///
/// # Errors
/// Spec and data do not fit each other, or the numbers leave their range on the way.
///
/// # Example
/// ```
/// use std::time::Duration;
/// use rosenblatt_train::{RunOptions, Spec, bench::bench};
/// let spec = Spec::default().with("data.source=iris")?;
/// let data = rosenblatt_data::load(&spec.data, 0)?;
/// let found = bench(&spec, &data, &RunOptions::default(), Duration::from_millis(20))?;
/// assert!(found.steps_per_second > 0.0);
/// assert!((found.phases.iter().map(|phase| phase.share).sum::<f64>() - 1.0).abs() < 1e-9);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn bench(spec: &Spec, data: &Prepared, options: &RunOptions, length: Duration) -> Result<Benchmark> {
    let options = RunOptions {
        adaptive: false,
        checkpoint: None,
        resume: false,
        ..options.clone()
    };
    let model = Model::untrained(spec, data)?;
    if model.optimizer().solver().is_some() {
        let error = Error::config(format!(
            "`{}` has no step on a batch to be timed",
            model.optimizer().name()
        ));
        return Err(error
            .within("train.optimizer")
            .hint("choose an optimizer that takes steps, such as `adam`"));
    }
    let train = Data::from(&data.train);
    // Each step that is timed is one of the optimizer.
    let fit = Fit {
        accumulate_steps: 1,
        ..fit_of(spec, data, &options)?
    };
    let mut run = Run::start_or_resume(&model, &train, &fit)?;
    let batch = run.batch_size();
    take(&mut run, length.mul_f64(WARM_UP), &mut [])?;
    let mut rounds = Vec::new();
    let mut steps = 0;
    for _ in 0..ROUNDS {
        let (taken, seconds) = take(&mut run, length / ROUNDS, &mut [])?;
        rounds.push(seconds / taken as f64);
        steps += taken;
    }
    rounds.sort_by(f64::total_cmp);
    let (best_seconds, seconds) = (rounds[0], rounds[rounds.len() / 2]);

    let (tasks, threads, operations) = match options.execution {
        Execution::Static => tasks(&mut run, length.mul_f64(TASKS))?,
        Execution::Dynamic => (Vec::new(), run.threads(), 0.0),
    };
    let peak = peak(options.isa, threads, PROBE);
    let gigaflops = operations / seconds * 1e-9;
    Ok(Benchmark {
        batch,
        parameters: model.parameter_count()?,
        threads,
        isa: options.isa.to_string(),
        steps,
        seconds,
        best_seconds,
        steps_per_second: 1.0 / seconds,
        rows_per_second: batch as f64 / seconds,
        operations,
        gigaflops,
        peak_gigaflops: peak * 1e-9,
        share_of_peak: operations / seconds / peak,
        phases: phases(&tasks),
        tasks,
    })
}

/// Takes steps for some time, at least one: how many, and the seconds they took.
fn take(run: &mut Run<'_>, length: Duration, times: &mut [TaskTime]) -> Result<(u64, f64)> {
    let (start, mut steps) = (Instant::now(), 0);
    loop {
        run.step_for_bench((!times.is_empty()).then_some(&mut *times))?;
        steps += 1;
        let elapsed = start.elapsed();
        if elapsed >= length {
            return Ok((steps, elapsed.as_secs_f64()));
        }
    }
}

/// What the compiled step spends its time on, on how many threads, and the operations of its products.
fn tasks(run: &mut Run<'_>, length: Duration) -> Result<(Vec<TaskFigures>, usize, f64)> {
    let plan = run
        .plan()
        .ok_or_else(|| Error::internal("a compiled run without its plan"))?;
    let labels: Vec<String> = plan.tasks().map(|(label, _)| label.to_owned()).collect();
    let products: Vec<bool> = plan.multiply_adds().map(|count| count > 0).collect();
    let operations: Vec<f64> = plan.multiply_adds().map(|count| 2.0 * count as f64).collect();
    let threads = plan.threads();
    let mut times = vec![TaskTime::default(); labels.len()];
    let (steps, _) = take(run, length, &mut times)?;
    let all: f64 = times.iter().map(|time| time.busy + time.waiting).sum();
    let phases = phase::phases_of(&labels, &products);
    let figures = labels.into_iter().zip(phases).zip(times.iter().zip(&operations));
    let figures = figures.map(|((label, phase), (time, operations))| {
        let seconds = time.busy / steps as f64;
        TaskFigures {
            label,
            phase,
            seconds,
            waiting: time.waiting / steps as f64,
            share: (time.busy + time.waiting) / all.max(f64::MIN_POSITIVE),
            gigaflops: operations / seconds.max(f64::MIN_POSITIVE) * 1e-9,
        }
    });
    Ok((figures.collect(), threads, operations.iter().sum()))
}

fn phases(tasks: &[TaskFigures]) -> Vec<PhaseTime> {
    let all = [Phase::Gather, Phase::Forward, Phase::Backward, Phase::Update];
    let of = |phase: Phase| {
        let own = tasks.iter().filter(|task| task.phase == phase);
        let (seconds, share) = own.fold((0.0, 0.0), |(seconds, share), task| {
            (seconds + task.seconds + task.waiting, share + task.share)
        });
        PhaseTime { phase, seconds, share }
    };
    if tasks.is_empty() {
        Vec::new()
    } else {
        all.map(of).into()
    }
}
