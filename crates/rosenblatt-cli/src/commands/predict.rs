//! `rosenblatt predict`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueHint;
use rosenblatt_data::{Frame, Purpose};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::{Prediction, Predictor};
use serde_json::{Map, Value, json};

use super::Run;
use crate::flags::{Cells, RunFlags, SettingFlags};
use crate::passthrough::{Passthrough, keep};
use crate::ui::{Ui, count, shortest};
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
        let content = if ui.is_json() {
            predictions.json(&warnings::json(&warnings)?)
        } else {
            predictions.csv()?
        };
        let Some(path) = file else {
            ui.raw(&content)?;
            return Ok(ExitCode::SUCCESS);
        };
        outputs::write(path, &content, self.force)?;
        ui.note(&format!(
            "{} in {}",
            count(predictions.rows, "prediction"),
            path.display()
        ));
        Ok(ExitCode::SUCCESS)
    }
}

struct Predictions {
    rows: usize,
    made: Prediction,
    kept: Vec<Passthrough>,
}

impl Predictions {
    /// Names of the columns that are made.
    fn header(&self) -> Vec<String> {
        let classes = match &self.made {
            Prediction::Classes { names, .. } | Prediction::Scores { names, .. } => &names[..],
            Prediction::Numbers(_) => &[],
        };
        let what = match &self.made {
            Prediction::Scores { .. } => "score",
            Prediction::Classes { .. } | Prediction::Numbers(_) => "probability",
        };
        let of_classes = classes.iter().map(|name| format!("{what}_{name}"));
        std::iter::once("prediction".to_owned()).chain(of_classes).collect()
    }

    /// The prediction of a row, then its probabilities or scores.
    fn row(&self, row: usize) -> (Value, &[f32]) {
        match &self.made {
            Prediction::Numbers(numbers) => (Value::from(numbers[row]), &[]),
            Prediction::Classes {
                names,
                classes,
                probabilities: of_classes,
            }
            | Prediction::Scores {
                names,
                classes,
                scores: of_classes,
            } => {
                let width = names.len();
                (
                    Value::from(&*names[classes[row]]),
                    &of_classes[row * width..(row + 1) * width],
                )
            }
        }
    }

    /// Whether the columns have names of their own, and as many rows as there are predictions.
    fn check(&self) -> Result<()> {
        let header = self.header();
        if let Some(twin) = self.kept.iter().find(|kept| header.contains(&kept.name)) {
            let error = Error::config(format!("`{}` is the name of a column of the output", twin.name));
            return Err(error.within("--keep"));
        }
        match self.kept.iter().find(|kept| kept.cells.len() != self.rows) {
            Some(_) => Err(Error::io("the data changed while it was read")),
            None => Ok(()),
        }
    }

    fn csv(&self) -> Result<Vec<u8>> {
        let failed = |error: csv::Error| Error::internal(error.to_string());
        let mut writer = csv::Writer::from_writer(Vec::new());
        let kept = self.kept.iter().map(|kept| kept.name.clone());
        writer.write_record(kept.chain(self.header())).map_err(failed)?;
        for row in 0..self.rows {
            let (prediction, probabilities) = self.row(row);
            for kept in &self.kept {
                writer.write_field(&kept.cells[row]).map_err(failed)?;
            }
            writer.write_field(text(&prediction)).map_err(failed)?;
            for probability in probabilities {
                writer.write_field(probability.to_string()).map_err(failed)?;
            }
            writer.write_record(None::<&[u8]>).map_err(failed)?;
        }
        writer.into_inner().map_err(|error| Error::internal(error.to_string()))
    }

    fn json(&self, warnings: &Value) -> Vec<u8> {
        let header = self.header();
        let row = |row: usize| {
            let (prediction, probabilities) = self.row(row);
            let kept = self
                .kept
                .iter()
                .map(|kept| (kept.name.clone(), Value::from(&*kept.cells[row])));
            let probabilities = header[1..]
                .iter()
                .cloned()
                .zip(probabilities.iter().map(|&p| Value::from(shortest(p))));
            let prediction = ("prediction".to_owned(), prediction);
            Value::Object(kept.chain([prediction]).chain(probabilities).collect::<Map<_, _>>())
        };
        let rows: Vec<_> = (0..self.rows).map(row).collect();
        format!(
            "{:#}\n",
            json!({ "rows": self.rows, "predictions": rows, "warnings": warnings })
        )
        .into_bytes()
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
