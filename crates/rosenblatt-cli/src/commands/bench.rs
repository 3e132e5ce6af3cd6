//! `rosenblatt bench`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use rosenblatt_data::load;
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::bench::{Benchmark, PhaseTime, TaskFigures, bench, usual};
use serde_json::{Value, json};

use super::Run;
use crate::flags::{RunFlags, above_0};
use crate::run_files;
use crate::ui::{Report, Ui, count, joined, one_line, table};

/// Benchmark a training step and profile its kernels.
///
/// Runs only the training steps of a run file, without validation or checkpoints. Prints steps and rows per second, the
/// speed of the matrix products compared with the peak of the machine, and the time of each part of a step. Other programs
/// that run at the same time change the figures.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt bench
  rosenblatt bench run.toml --threads 1 --seconds 10
  rosenblatt bench run.toml --format json")]
pub(crate) struct Bench {
    /// A run file [default: the digits, one hidden layer of 256, batches of 256].
    #[arg(value_name = "RUN.TOML")]
    spec: Option<PathBuf>,
    /// How long whole steps are timed; their parts take half as long again.
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = above_0, help_heading = "Running")]
    seconds: f64,
    #[command(flatten, next_help_heading = "Running")]
    running: RunFlags,
}

impl Run for Bench {
    const NAME: &'static str = "bench";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        let long = |_| Error::config(format!("expected fewer seconds, got `{}`", self.seconds)).within("--seconds");
        let length = Duration::try_from_secs_f64(self.seconds).map_err(long)?;
        let options = self.running.options(ui)?;
        let (spec, data) = match &self.spec {
            Some(path) => run_files::read_for_network(path, ui)?,
            None => {
                let spec = usual()?;
                let data = load(&spec.data, spec.train.seed)?;
                (spec, data)
            }
        };
        let found = bench(&spec, &data, &options, length).map_err(|error| match &self.spec {
            Some(path) => run_files::within(path, error),
            None => error,
        })?;
        ui.report(&Timed {
            source: &spec.data.source,
            found,
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

struct Timed<'s> {
    source: &'s str,
    found: Benchmark,
}

/// `412.3 µs`
fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 => format!("{s:.3} s"),
        s if s >= 1e-3 => format!("{:.3} ms", s * 1e3),
        s => format!("{:.1} µs", s * 1e6),
    }
}

/// `12.5 %`
fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Three digits that count.
fn short(number: f64) -> String {
    match number {
        n if n >= 100.0 => format!("{n:.0}"),
        n if n >= 10.0 => format!("{n:.1}"),
        n => format!("{n:.2}"),
    }
}

impl Timed<'_> {
    fn head(&self) -> String {
        let Benchmark {
            batch,
            parameters,
            threads,
            isa,
            steps,
            seconds,
            best_seconds,
            ..
        } = &self.found;
        let [batch, threads] = [count(*batch, "row"), count(*threads, "thread")];
        let mut text = format!(
            "a training step on {batch} of {}, {}, {threads}, {isa}\n",
            one_line(self.source),
            count(*parameters, "parameter")
        );
        let line = |name: &str, value: String, what: String| [name.to_owned(), value, what];
        let mut lines = vec![
            line(
                "a step",
                time(*seconds),
                format!(
                    "median of {}, best {}",
                    count(*steps as usize, "step"),
                    time(*best_seconds)
                ),
            ),
            line("steps/s", short(self.found.steps_per_second), String::new()),
            line("rows/s", short(self.found.rows_per_second), String::new()),
        ];
        if !self.found.tasks.is_empty() {
            let share = percent(self.found.share_of_peak);
            let peak = short(self.found.peak_gigaflops);
            let what = format!("matrix products alone; {share} of the {peak} of fused multiply-adds on {threads}");
            lines.push(line("GFLOP/s", short(self.found.gigaflops), what));
        }
        text += &table(2, &lines);
        text
    }
}

impl Report for Timed<'_> {
    fn text(&self) -> String {
        let mut text = self.head();
        if self.found.tasks.is_empty() {
            return text + "a dynamic step has no tasks to be timed one by one\n";
        }
        let row =
            |PhaseTime { phase, seconds, share }: &PhaseTime| [phase.to_string(), time(*seconds), percent(*share)];
        text += "where its time goes, on the first thread\n";
        text += &table(2, &self.found.phases.iter().map(row).collect::<Vec<_>>());
        let header = ["phase", "time", "waiting", "share", "GFLOP/s", "kernel"].map(str::to_owned);
        let row = |task: &TaskFigures| {
            let speed = if task.gigaflops > 0.0 {
                short(task.gigaflops)
            } else {
                String::new()
            };
            let TaskFigures {
                label,
                seconds,
                waiting,
                share,
                ..
            } = task;
            [
                task.phase.to_string(),
                time(*seconds),
                time(*waiting),
                percent(*share),
                speed,
                label.clone(),
            ]
        };
        let lines: Vec<_> = std::iter::once(header)
            .chain(self.found.tasks.iter().map(row))
            .collect();
        text + &table(2, &lines)
    }

    fn json(&self) -> Result<Value> {
        joined(json!({ "data": self.source }), serde_json::to_value(&self.found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_three_digits() {
        assert_eq!(
            [time(0.0), time(4.12e-4), time(0.0125), time(2.5)],
            ["0.0 µs", "412.0 µs", "12.500 ms", "2.500 s"]
        );
        assert_eq!([short(0.123), short(12.34), short(1234.5)], ["0.12", "12.3", "1234"]);
        assert_eq!(percent(0.125), "12.5 %");
    }
}
