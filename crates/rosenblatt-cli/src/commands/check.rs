//! `rosenblatt check`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::RunOptions;
use rosenblatt_train::check::{Checked, TensorCheck, TinyStep, check};
use serde_json::{Value, json};

use super::Run;
use crate::run_files;
use crate::ui::{Report, Ui, count, joined, number, one_line, shown, table};

/// Entries that are looked at in each tensor.
const ENTRIES: usize = 10;

/// Check gradients against finite differences.
///
/// Compares the gradient of every parameter with finite differences of the loss, in double precision, on a few rows of
/// the data that the run file names. If one is wrong, its layer is named, and the exit code is 1. Also tests that static
/// and dynamic execution give the same bits, that all numbers of the first step are finite, and that a tiny step lowers
/// the loss.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt check run.toml
  rosenblatt check run.toml --format json")]
pub(crate) struct Check {
    /// A run file; without data, a built-in data set is used.
    #[arg(value_name = "RUN.TOML")]
    spec: PathBuf,
}

impl Run for Check {
    const NAME: &'static str = "check";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        let (spec, data) = run_files::read_for_network(&self.spec, ui)?;
        let checked = check(&spec, &data, &RunOptions::default(), ENTRIES);
        let checked = checked.map_err(|error| run_files::within(&self.spec, error))?;
        let verdict = Verdict {
            file: &self.spec,
            source: &spec.data.source,
            checked: &checked,
        };
        ui.report(&verdict)?;
        for fault in &checked.faults {
            ui.error(&run_files::within(&self.spec, Error::internal(fault)));
        }
        Ok(match checked.faults.is_empty() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }
}

struct Verdict<'c> {
    file: &'c Path,
    source: &'c str,
    checked: &'c Checked,
}

fn verdict(holds: bool) -> &'static str {
    if holds { "ok" } else { "FAILED" }
}

/// `3.1e-10`
fn relative(error: f64) -> String {
    format!("{error:.1e}")
}

/// What a tiny step does.
fn tiny(step: &TinyStep) -> String {
    let TinyStep {
        rate,
        before,
        after,
        visible,
    } = step;
    let change = format!("the loss changes from {before} to {after}");
    match (visible, step.falls()) {
        (false, _) => "a tiny step: the gradient is too small for the loss to change".to_owned(),
        (true, falls) => format!("a step of size {rate:.1e}: {change}: {}", verdict(falls)),
    }
}

impl Report for Verdict<'_> {
    fn text(&self) -> String {
        let Checked {
            rows,
            entries,
            tensors,
            same_bits,
            first_step,
            tiny_step,
            ..
        } = self.checked;
        let mut text = format!(
            "{}: {} of {}, f64\n",
            shown(self.file),
            count(*rows, "row"),
            one_line(self.source)
        );
        text += &format!(
            "gradients against finite differences: at the largest entry, at {entries} others, and in a random direction\n"
        );
        let header = ["tensor", "shape", "relative error", ""].map(str::to_owned);
        let row = |TensorCheck {
                       name,
                       shape,
                       error,
                       passed,
                   }: &TensorCheck| {
            [
                name.clone(),
                format!("{shape:?}"),
                relative(*error),
                verdict(*passed).to_owned(),
            ]
        };
        let lines: Vec<_> = std::iter::once(header).chain(tensors.iter().map(row)).collect();
        text += &table(2, &lines);
        let same = *same_bits && first_step.same_bits;
        text += &format!("static and dynamic execution give the same bits: {}\n", verdict(same));
        let finite = first_step.not_finite.is_none();
        let loss = number(first_step.loss);
        text += &format!(
            "first step, f32: loss {loss}, all numbers finite: {}\n",
            verdict(finite)
        );
        text + &tiny(tiny_step) + "\n"
    }

    fn json(&self) -> Result<Value> {
        let head = json!({
            "file": self.file.display().to_string(),
            "data": self.source,
            "passed": self.checked.faults.is_empty(),
        });
        joined(head, serde_json::to_value(self.checked))
    }
}
