//! `rosenblatt predict`.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueHint;
use rosenblatt_data::{Frame, Purpose};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::Predictor;

use super::Run;
use crate::flags::{Cells, RunFlags, SettingFlags};
use crate::passthrough::keep;
use crate::predictions::Predictions;
use crate::ui::{Ui, count, shown};
use crate::{outputs, rows, warnings};

/// Predict every row of a data set.
///
/// Writes CSV with a header: `prediction`, and for classes `probability_<class>`, or `score_<class>` if the loss gives scores
/// that are no probabilities, such as `hinge`. Rows keep their number and order.
/// Columns are matched by name; unseen categories and missing cells are handled and counted in a warning. For a built-in
/// data set, its test rows are used. Delimiter and missing-value markers default to those used in training.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt predict penguins.safetensors penguins
  rosenblatt predict adult.safetensors new.csv --keep id -o predictions.csv
  cat new.csv | rosenblatt predict adult.safetensors -")]
pub(crate) struct Predict {
    /// A model that `rosenblatt train` wrote.
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// A file or folder, `-` for standard input, or the name of a built-in data set.
    #[arg(value_name = "DATA", value_hint = ValueHint::AnyPath)]
    data: OsString,
    /// Where to write the predictions; `-` is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-", help_heading = "Output")]
    output: PathBuf,
    /// Columns of DATA to pass through, before the predictions.
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',', help_heading = "Output")]
    keep: Vec<String>,
    /// Overwrite the output if it exists.
    #[arg(long, help_heading = "Output")]
    force: bool,
    #[command(flatten)]
    cells: SettingFlags<Cells>,
    #[command(flatten, next_help_heading = "Running")]
    running: RunFlags,
}

impl Run for Predict {
    const NAME: &'static str = "predict";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        let file = Some(&*self.output).filter(|path| *path != Path::new("-"));
        if let Some(path) = file {
            outputs::check(path, &[self.model.clone(), PathBuf::from(&self.data)], self.force)?;
        }
        let mut predictor = Predictor::load(&self.model, &self.running.options(ui)?)?;
        let mut kept = Vec::new();
        let mut look = |frame: &Frame, rows: Option<&[u64]>| {
            kept = keep(frame, rows, &self.keep)?;
            Ok(())
        };
        let (dataset, warnings) = rows::read(
            predictor.table(),
            &self.data,
            &self.cells,
            Purpose::Predict,
            ui,
            &mut look,
        )?;
        if kept.len() < self.keep.len() {
            let error = Error::config("images have no columns").within("--keep");
            return Err(error.hint("leave it out"));
        }
        let predictions = Predictions {
            rows: dataset.len(),
            made: predictor.predict(&dataset)?,
            kept,
        };
        predictions.check()?;
        let warnings = warnings::json(&warnings)?;
        let is_json = ui.is_json();
        let write = |out: &mut dyn Write| match is_json {
            true => predictions.write_json(&warnings, out),
            false => predictions.write_csv(out),
        };
        let Some(path) = file else {
            ui.print(&mut |out| write(out))?;
            return Ok(ExitCode::SUCCESS);
        };
        outputs::write_by(path, self.force, write)?;
        ui.note(&format!("{} in {}", count(predictions.rows, "prediction"), shown(path)));
        Ok(ExitCode::SUCCESS)
    }
}
