//! `rosenblatt evaluate`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueHint;
use rosenblatt_data::Purpose;
use rosenblatt_report::{NewRows, Report as Page, Split};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::Predictor;

use super::Run;
use crate::flags::{Cells, RunFlags, SettingFlags, source};
use crate::reports::{EvaluationReport, commands};
use crate::ui::Ui;
use crate::{outputs, rows, warnings};

/// Compute metrics of a model on data with known targets.
///
/// Columns are matched by name. For a built-in data set, its test rows are used. If the model was trained with sample
/// weights and DATA has their column, rows are weighted by it. Delimiter and missing-value markers default to those used
/// in training. The baseline knows no feature: its answer is the most frequent class of these rows, its probabilities are
/// the frequencies of the classes; for numbers it is their mean. `f1` is the mean of the classes (macro average),
/// `roc_auc` the mean of each class against the rest.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt evaluate penguins.safetensors penguins
  rosenblatt evaluate adult.safetensors new.csv --format json
  rosenblatt evaluate adult.safetensors new.csv --report new.html")]
pub(crate) struct Evaluate {
    /// A model that `rosenblatt train` wrote.
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// A file or folder, `-` for standard input, or the name of a built-in data set.
    #[arg(value_name = "DATA", value_hint = ValueHint::AnyPath)]
    data: OsString,
    /// Write a page with metrics, charts and the confusion matrix.
    #[arg(long, value_name = "FILE.HTML", help_heading = "Output")]
    report: Option<PathBuf>,
    /// Overwrite an existing report.
    #[arg(long, requires = "report", help_heading = "Output")]
    force: bool,
    #[command(flatten)]
    cells: SettingFlags<Cells>,
    #[command(flatten, next_help_heading = "Running")]
    running: RunFlags,
}

impl Run for Evaluate {
    const NAME: &'static str = "evaluate";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        if let Some(path) = &self.report {
            let inputs = [self.model.clone(), PathBuf::from(&self.data)];
            outputs::check(path, &inputs, self.force).map_err(|error| error.within("--report"))?;
        }
        let mut predictor = Predictor::load(&self.model, &self.running.options(ui)?)?;
        let (dataset, mut warnings) = rows::read(
            predictor.table(),
            &self.data,
            &self.cells,
            Purpose::Evaluate,
            ui,
            &mut |_, _| Ok(()),
        )?;
        if dataset.is_empty() {
            let target = &predictor.table().schema.target.name;
            let error = Error::data(format!("no row has a value in the target `{target}`"));
            return Err(error
                .within(self.data.display().to_string())
                .hint("`rosenblatt predict` needs no targets"));
        }
        let evaluation = rosenblatt_report::evaluate(&mut predictor, Split::New, &dataset, None)?;
        let of_result = evaluation.warnings();
        warnings::print(&of_result, ui);
        warnings.extend(of_result);
        if let Some(path) = &self.report {
            let source = source(&self.data)?;
            let new = NewRows {
                source: &source,
                rows: &dataset,
                warnings: warnings::lines(&warnings),
                commands: commands(&source, &self.model),
            };
            outputs::write(
                path,
                Page::of_rows(&mut predictor, new)?.to_html().as_bytes(),
                self.force,
            )?;
        }
        ui.report(&EvaluationReport {
            evaluation: &evaluation,
            warnings: &warnings,
            report: self.report.as_deref(),
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
