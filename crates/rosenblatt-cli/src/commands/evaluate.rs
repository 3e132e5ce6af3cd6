//! `rosenblatt evaluate`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use rosenblatt_data::Purpose;
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::Predictor;
use serde_json::{Value, json};

use super::Run;
use crate::flags::RunFlags;
use crate::rows;
use crate::ui::{Report, Ui, number, table};

/// Compare a model's predictions with known targets.
///
/// Columns are found by name. Of a named data set the test rows are taken. If the model was trained with sample weights
/// and DATA has their column, rows count by it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt evaluate penguins.safetensors penguins
  rosenblatt evaluate adult.safetensors new.csv --format json")]
pub(crate) struct Evaluate {
    /// A model that `rosenblatt train` wrote.
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// A file or folder, `-` for standard input, or the name of a data set.
    #[arg(value_name = "DATA")]
    data: OsString,
    #[command(flatten, next_help_heading = "Running")]
    running: RunFlags,
}

impl Run for Evaluate {
    const NAME: &'static str = "evaluate";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        let mut predictor = Predictor::load(&self.model, &self.running.options(ui)?)?;
        let dataset = rows::read(predictor.about(), &self.data, Purpose::Evaluate, ui)?;
        if dataset.rows() == 0 {
            let target = &predictor.about().schema.target.name;
            let error = Error::data(format!("no row has a value in the target `{target}`"));
            return Err(error
                .within(self.data.display().to_string())
                .hint("`rosenblatt predict` needs no targets"));
        }
        let metrics = predictor.evaluate(&dataset)?;
        ui.report(&Evaluation {
            rows: dataset.rows(),
            weighted_by: predictor
                .about()
                .schema
                .sample_weight
                .clone()
                .filter(|_| dataset.weights().is_some()),
            metrics,
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

struct Evaluation {
    rows: usize,
    /// The column that says how much each row counts.
    weighted_by: Option<String>,
    metrics: BTreeMap<String, f64>,
}

impl Report for Evaluation {
    fn text(&self) -> String {
        let metrics = self.metrics.iter().map(|(name, value)| [name.clone(), number(*value)]);
        let weights = self
            .weighted_by
            .clone()
            .map(|column| ["weighted by".to_owned(), column]);
        let rows: Vec<_> = std::iter::once(["rows".to_owned(), self.rows.to_string()])
            .chain(weights)
            .chain(metrics)
            .collect();
        table(0, &rows)
    }

    fn json(&self) -> Result<Value> {
        let mut document = json!({ "rows": self.rows, "metrics": self.metrics });
        if let Some(column) = &self.weighted_by {
            document["weighted_by"] = json!(column);
        }
        Ok(document)
    }
}
