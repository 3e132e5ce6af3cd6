//! `rosenblatt learning-curve`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rosenblatt_report::charts;
use rosenblatt_tensor::Result;
use rosenblatt_train::{CurveOptions, LastFall, LearningPoint, Metrics, MoreRows, learning_curve, mean_and_std};
use serde_json::{Map, Value, json};

use super::Run;
use crate::flags::{RunFlags, SpecFlags, above_0, in_flags, whole_above_0};
use crate::ui::{Report, Ui, count, number, one_line, shown, table};
use crate::{outputs, warnings};

/// Show how the loss depends on the number of training rows.
///
/// The model that `train` would train with the same settings is trained on more and more of the training rows, and evaluated on
/// the same validation rows. Prints the losses, and whether more rows would help: whether the validation loss still falls from
/// the last size but one to the last, by at least a hundredth and by more than two standard errors. Each size is trained for as
/// many batches as all rows would be. No model is written.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt learning-curve penguins
  rosenblatt learning-curve digits --hidden 64 --train-sizes 0.2,0.4,0.6,0.8,1 --repeats 5 --plot curve.svg
  rosenblatt learning-curve --config run.toml --valid-fraction 0.2 --format json")]
pub(crate) struct LearningCurve {
    #[command(flatten)]
    spec: SpecFlags,
    /// Sizes of the training rows: shares of them up to 1, or numbers of rows above 1.
    #[arg(
        long,
        value_name = "SIZE,...",
        default_value = "0.1,0.325,0.55,0.775,1",
        value_delimiter = ',',
        value_parser = above_0,
        help_heading = "Learning curve"
    )]
    train_sizes: Vec<f64>,
    /// Repetitions of each size, with the seeds that follow `--seed` and other orders of the rows.
    #[arg(long, value_name = "N", default_value = "3", value_parser = whole_above_0, help_heading = "Learning curve")]
    repeats: usize,
    /// Draw the losses against the number of rows.
    #[arg(long, value_name = "FILE.SVG", help_heading = "Output")]
    plot: Option<PathBuf>,
    /// Overwrite an existing plot.
    #[arg(long, help_heading = "Output")]
    force: bool,
    #[command(flatten, next_help_heading = "Running")]
    running: RunFlags,
}

impl Run for LearningCurve {
    const NAME: &'static str = "learning-curve";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        let request = self.spec.request(ui)?;
        let source = request.source().to_owned();
        if let Some(path) = &self.plot {
            outputs::check(path, &request.inputs(), self.force).map_err(|error| error.within("--plot"))?;
        }
        let curve = CurveOptions {
            sizes: self.train_sizes,
            repeats: self.repeats,
        };
        let options = self.running.options(ui)?;
        let job = request.prepare()?;
        let warnings: Vec<_> = job.data.warnings.iter().cloned().map(Into::into).collect();
        warnings::print(&warnings, ui);
        let mut done = |done: usize, all: usize| ui.detail(&format!("run {done} of {all}"));
        let found = learning_curve(&job.spec, &job.data, &options, &curve, &mut done);
        let found = found.map_err(|error| job.given.for_setting(in_flags(error, FLAGS)))?;
        if let Some(path) = &self.plot {
            let svg = charts::learning_curve(&source, &found);
            outputs::write(path, svg.as_bytes(), self.force).map_err(|error| error.within("--plot"))?;
        }
        ui.report(&Found {
            source: &source,
            train_rows: job.data.train.len(),
            repeats: curve.repeats,
            found: &found,
            plot: self.plot.as_deref(),
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The fields of the options, and the flags that give them.
const FLAGS: &[(&str, &str)] = &[("train_sizes", "--train-sizes"), ("repeats", "--repeats")];

struct Found<'f> {
    source: &'f str,
    train_rows: usize,
    repeats: usize,
    found: &'f rosenblatt_train::LearningCurve,
    plot: Option<&'f Path>,
}

/// Values of a metric, one for each repetition.
fn values(metrics: &[Metrics], name: &str) -> Vec<f64> {
    metrics.iter().filter_map(|metrics| metrics.get(name)).collect()
}

/// `0.153 ± 0.021`
fn with_spread(values: &[f64]) -> String {
    match mean_and_std(values) {
        (mean, Some(std)) => format!("{} ± {}", number(mean), number(std)),
        (mean, None) => number(mean),
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

impl Found<'_> {
    /// The loss, and the first metric by name besides it.
    fn metrics(&self) -> Vec<String> {
        let of_first = self.found.points().first().and_then(|point| point.valid.first());
        let score = of_first.and_then(Metrics::score).map(|(name, _)| name.to_owned());
        std::iter::once("loss".to_owned()).chain(score).collect()
    }

    fn table(&self) -> String {
        let metrics = self.metrics();
        let of_parts = |name: &String| ["training", "validation"].map(|part| format!("{part} {name}"));
        let header = std::iter::once("rows".to_owned()).chain(metrics.iter().flat_map(of_parts));
        let row = |point: &LearningPoint| {
            let parts = |name: &String| [&point.train, &point.valid].map(|part| with_spread(&values(part, name)));
            let cells = std::iter::once(point.rows.to_string()).chain(metrics.iter().flat_map(parts));
            cells.collect::<Vec<_>>()
        };
        let rows = self.found.points().iter().map(row);
        table(
            2,
            &std::iter::once(header.collect()).chain(rows).collect::<Vec<Vec<_>>>(),
        )
    }

    /// Whether more rows would help, in words.
    fn verdict(&self) -> String {
        let (
            Some(LastFall {
                from, to, share, error, ..
            }),
            Some(more),
        ) = (self.found.last_fall(), self.found.more_rows())
        else {
            return String::new();
        };
        let error = error.map_or_else(String::new, |error| format!(" (standard error {})", percent(error)));
        let change = match share < 0.0 {
            true => format!("rises by {}{error}", percent(-share)),
            false => format!("falls by {}{error}", percent(share)),
        };
        let change = format!("from {from} to {to} rows the validation loss {change}");
        match more {
            MoreRows::Help => format!("more training rows would probably help: {change}\n"),
            MoreRows::NoHelp => format!("more training rows would probably not help: {change}\n"),
            MoreRows::Unclear => {
                format!("whether more training rows would help is not clear: {change}; raise --repeats\n")
            }
        }
    }
}

impl Report for Found<'_> {
    fn text(&self) -> String {
        let spread = if self.repeats > 1 {
            ", mean ± standard deviation"
        } else {
            ""
        };
        let mut text = format!(
            "{}: {} of each size, {}{spread}\n",
            one_line(self.source),
            count(self.repeats, "run"),
            count(self.found.valid_rows(), "validation row"),
        );
        text += &self.table();
        text += &self.verdict();
        if let Some(plot) = self.plot {
            text += &format!("plot: {}\n", shown(plot));
        }
        text
    }

    fn json(&self) -> Result<Value> {
        let metrics = |metrics: &[Metrics]| {
            let names = metrics
                .first()
                .into_iter()
                .flat_map(|first| first.iter().map(|(name, _)| name));
            let summary = |name: &str| {
                let values = values(metrics, name);
                let (mean, std) = mean_and_std(&values);
                (name.to_owned(), json!({ "mean": mean, "std": std, "values": values }))
            };
            names.map(summary).collect::<Map<_, _>>()
        };
        let point = |point: &LearningPoint| json!({ "rows": point.rows, "train": metrics(&point.train), "valid": metrics(&point.valid) });
        Ok(json!({
            "data": self.source,
            "train_rows": self.train_rows,
            "valid_rows": self.found.valid_rows(),
            "repeats": self.repeats,
            "points": self.found.points().iter().map(point).collect::<Vec<_>>(),
            "last_fall": self.found.last_fall(),
            "more_rows": self.found.more_rows(),
            "plot": self.plot,
        }))
    }
}
