//! `rosenblatt find-lr`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rosenblatt_report::charts;
use rosenblatt_tensor::Result;
use rosenblatt_train::{LearningRates, RatePoint, RateRange, find_learning_rate};
use serde_json::{Value, json};

use super::Run;
use crate::flags::{RunFlags, SpecFlags, above_0, in_flags, whole_above_0};
use crate::ui::{Report, Ui, count, number, one_line, shown, table};
use crate::{outputs, warnings};

/// Lines of the table that is printed; `--format json` has all steps.
const LINES: usize = 20;

/// Find a learning rate by a range test.
///
/// The learning rate rises from step to step of a short training run, with the same settings as `train`, until the loss diverges.
/// Prints the learning rate at which the loss falls fastest, and a tenth of the one at which it is smallest. No model is
/// written; the schedule and averages of weights are left out.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt find-lr penguins
  rosenblatt find-lr digits --hidden 64 --optimizer sgd:momentum=0.9 --plot rates.svg
  rosenblatt find-lr --config run.toml --format json")]
pub(crate) struct FindLr {
    #[command(flatten)]
    spec: SpecFlags,
    /// First learning rate.
    #[arg(long, value_name = "RATE", default_value = "1e-7", value_parser = above_0, help_heading = "Range test")]
    min_lr: f64,
    /// Last learning rate.
    #[arg(long, value_name = "RATE", default_value = "10", value_parser = above_0, help_heading = "Range test")]
    max_lr: f64,
    /// Steps from the first to the last learning rate.
    #[arg(long, value_name = "N", default_value = "200", value_parser = whole_above_0, help_heading = "Range test")]
    steps: usize,
    /// Draw the loss against the learning rate.
    #[arg(long, value_name = "FILE.SVG", help_heading = "Output")]
    plot: Option<PathBuf>,
    /// Overwrite an existing plot.
    #[arg(long, help_heading = "Output")]
    force: bool,
    #[command(flatten, next_help_heading = "Running")]
    running: RunFlags,
}

impl Run for FindLr {
    const NAME: &'static str = "find-lr";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        let request = self.spec.request(ui)?;
        let source = request.source().to_owned();
        if let Some(path) = &self.plot {
            outputs::check(path, &request.inputs(), self.force).map_err(|error| error.within("--plot"))?;
        }
        let range = RateRange {
            min: self.min_lr,
            max: self.max_lr,
            steps: self.steps,
        };
        let options = self.running.options(ui)?;
        let job = request.prepare()?;
        let warnings: Vec<_> = job.data.warnings.iter().cloned().map(Into::into).collect();
        warnings::print(&warnings, ui);
        let found = find_learning_rate(&job.spec, &job.data, &options, &range);
        let found = found.map_err(|error| job.given.for_setting(in_flags(error, FLAGS)))?;
        if let Some(path) = &self.plot {
            let svg = charts::learning_rates(&source, &found);
            outputs::write(path, svg.as_bytes(), self.force).map_err(|error| error.within("--plot"))?;
        }
        ui.report(&Found {
            source: &source,
            rows: job.spec.train.batch_size,
            found: &found,
            plot: self.plot.as_deref(),
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The fields of the options, and the flags that give them.
const FLAGS: &[(&str, &str)] = &[("min_lr", "--min-lr"), ("max_lr", "--max-lr"), ("steps", "--steps")];

struct Found<'f> {
    source: &'f str,
    rows: usize,
    found: &'f LearningRates,
    plot: Option<&'f Path>,
}

/// `3.16e-4`
fn rate(rate: f64) -> String {
    format!("{rate:.2e}")
}

impl Found<'_> {
    fn suggestions(&self) -> String {
        let Some(suggested) = self.found.suggested() else {
            return "the loss did not fall at any learning rate: try another range, or more steps\n".to_owned();
        };
        let line = |name: &str, value: Option<f64>, what: &str| {
            [name.to_owned(), value.map(rate).unwrap_or_default(), what.to_owned()]
        };
        let lines = [
            line("suggested", Some(suggested), "where the smoothed loss falls fastest"),
            line(
                "minimum / 10",
                self.found.minimum_over_10(),
                "a tenth of where it is smallest",
            ),
        ];
        format!(
            "learning rate\n{}use it with --lr {}\n",
            table(2, &lines),
            rate(suggested)
        )
    }
}

impl Report for Found<'_> {
    fn text(&self) -> String {
        let points = self.found.points();
        let RateRange { min, max, .. } = self.found.range();
        let mut text = format!(
            "{}: {} on batches of {}, learning rates from {} to {}",
            one_line(self.source),
            count(points.len(), "step"),
            count(self.rows, "row"),
            rate(min),
            rate(max)
        );
        if let Some(diverged) = self.found.diverged() {
            text += &format!("; the loss diverged at {}", rate(diverged));
        }
        text.push('\n');
        let header = ["learning rate", "loss", "smoothed"].map(str::to_owned);
        let row = |point: &RatePoint| [rate(point.rate), number(point.loss), number(point.smoothed)];
        let rows = points.iter().step_by(points.len().div_ceil(LINES).max(1)).map(row);
        text += &table(2, &std::iter::once(header).chain(rows).collect::<Vec<_>>());
        text += &self.suggestions();
        if let Some(plot) = self.plot {
            text += &format!("plot: {}\n", shown(plot));
        }
        text
    }

    fn json(&self) -> Result<Value> {
        let found = self.found;
        Ok(json!({
            "data": self.source,
            "steps": found.points().len(),
            "batch_size": self.rows,
            "suggested": found.suggested(),
            "steepest": found.steepest(),
            "minimum": found.minimum(),
            "minimum_over_10": found.minimum_over_10(),
            "diverged": found.diverged(),
            "points": found.points(),
            "plot": self.plot,
        }))
    }
}
