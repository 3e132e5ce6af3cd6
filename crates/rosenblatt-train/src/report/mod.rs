//! What there is to say about a model: how good it is, what it leans on, how it was made.
//!
//! A [`Report`] is plain data, so that every front end can show it its own way; [`Report::to_html`] is the page they
//! share. It stands here, and not in a front end, because more than one of them shows it, and because everything that
//! must be computed for it is then computed in one place.
//!
//! | part | where |
//! |---|---|
//! | how good predictions are, beside the trivial guess | `judgment.rs`, `classes.rs`, `numbers.rs` |
//! | which columns matter | `importance.rs` |
//! | what the columns are | `columns.rs` |
//! | the first sentence | `sentence.rs` |
//! | the page | `page/` |
//!
//! Nothing in a report depends on threads, the instruction set, the time or how long something took: the same training
//! gives the same page, byte for byte.

mod classes;
mod columns;
mod importance;
mod judgment;
mod numbers;
mod page;
mod sentence;

use rosenblatt_data::schema::Overview;
use rosenblatt_data::{Dataset, Prepared};
use rosenblatt_tensor::Result;
use serde::Serialize;

use crate::presets::Choice;
use crate::{FitResult, Metrics, Model, Predictor, Record, RunOptions, Spec};

pub use classes::{CalibrationVerdict, ClassFigures, Classes, Mistake};
pub use columns::{ColumnLine, Role};
pub use importance::{ColumnImportance, Importance, ImportanceOptions, importance};
pub use judgment::{Details, Judged, Judgment, MetricLine};
pub use numbers::{ErrorBin, Numbers};

/// All there is to say about a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// What the data is called.
    pub source: String,
    /// Name and version of the library.
    pub library: String,
    /// The column that is predicted.
    pub target: String,
    /// Number of columns it is predicted from; none if it is predicted from images.
    pub columns_used: Option<usize>,
    /// Everything in one sentence; names stand between backticks.
    pub sentence: String,
    /// How good predictions are.
    pub judgment: Judgment,
    /// Which columns matter; none for images.
    pub importance: Option<Importance>,
    /// What the columns are; none if the table was not looked at.
    pub columns: Vec<ColumnLine>,
    /// Number of rows of each part of the data.
    pub parts: Vec<(Judged, usize)>,
    /// What one should know about the data, one sentence each; names stand between backticks.
    pub remarks: Vec<String>,
    /// How the model was made.
    pub making: Option<Making>,
    /// How to use the model.
    pub commands: Vec<Command>,
}

/// How a model was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Making {
    /// Who chose what the user left open: `preset auto`, `run file`.
    pub decided_by: String,
    /// What was chosen, and why.
    pub choices: Vec<Choice>,
    /// All settings.
    pub run_file: String,
    /// Figures of every epoch.
    pub epochs: Vec<EpochFigures>,
    /// The epoch (from 1) whose parameters the model has.
    pub kept: usize,
    /// Number of learned numbers.
    pub parameters: usize,
    /// How many numbers the network takes for a row.
    pub features: usize,
}

/// The record of one epoch, without the time it took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EpochFigures {
    /// Its number, from 1.
    pub epoch: usize,
    /// As [`Record::train`].
    pub train: Metrics,
    /// As [`Record::valid`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid: Option<Metrics>,
    /// As [`Record::test`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<Metrics>,
}

/// Something to type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Command {
    /// What it is for.
    pub purpose: String,
    /// The line.
    pub line: String,
}

/// A training run that has ended.
#[derive(Clone, Debug)]
pub struct TrainingRun<'a> {
    /// What the data is called.
    pub source: &'a str,
    /// What was run.
    pub spec: &'a Spec,
    /// On what.
    pub data: &'a Prepared,
    /// The table as it was read, if it was looked at.
    pub overview: Option<&'a Overview>,
    /// What a preset has chosen.
    pub choices: &'a [Choice],
    /// Who chose: `preset auto`, `run file`.
    pub decided_by: &'a str,
    /// What came of it.
    pub trained: &'a FitResult,
    /// Warnings about the data and the run, one sentence each.
    pub remarks: Vec<String>,
    /// How to use the model.
    pub commands: Vec<Command>,
}

/// Rows with known targets, for a model that is there.
#[derive(Clone, Debug)]
pub struct NewRows<'a> {
    /// What they are called.
    pub source: &'a str,
    /// The rows.
    pub rows: &'a Dataset,
    /// What one should know about them.
    pub remarks: Vec<String>,
    /// How to use the model.
    pub commands: Vec<Command>,
}

impl Report {
    /// The report of a training run: judged by its test rows, or else by its validation rows, or else by the rows it
    /// learned from.
    ///
    /// # Errors
    /// As [`Predictor::evaluate`].
    pub fn of_training(run: TrainingRun<'_>, options: &RunOptions) -> Result<Self> {
        let (data, model) = (run.data, &run.trained.model);
        let mut predictor = Predictor::new(&run.trained.model, options)?;
        let parts = parts(data);
        let (part, rows) = parts.last().copied().unwrap_or((Judged::Train, &data.train));
        let (judgment, importance) = judge(&mut predictor, part, rows, Some(&data.train))?;
        Ok(Self {
            source: run.source.to_owned(),
            sentence: sentence::of(model.table()?, &judgment, None),
            columns: columns::of(run.overview, data, &run.spec.data.drop)?,
            parts: parts.iter().map(|(part, rows)| (*part, rows.len())).collect(),
            making: Some(Making::of(&run)?),
            remarks: run.remarks,
            commands: run.commands,
            ..Self::about(model, judgment, importance)?
        })
    }

    /// The report of a model and new rows.
    ///
    /// # Errors
    /// As [`Predictor::evaluate`].
    pub fn of_rows(predictor: &mut Predictor, new: NewRows<'_>) -> Result<Self> {
        let (judgment, importance) = judge(predictor, Judged::New, new.rows, None)?;
        let model = predictor.model();
        Ok(Self {
            source: new.source.to_owned(),
            sentence: sentence::of(model.table()?, &judgment, Some(new.source)),
            parts: vec![(Judged::New, new.rows.len())],
            remarks: new.remarks,
            commands: new.commands,
            ..Self::about(model, judgment, importance)?
        })
    }

    /// What is the same for both kinds of reports.
    fn about(model: &Model, judgment: Judgment, importance: Option<Importance>) -> Result<Self> {
        let about = model.table()?;
        let schema = &about.schema;
        let is_image = importance.is_none() && about.preprocessing.pixel_scale(schema).is_some();
        Ok(Self {
            source: String::new(),
            library: model.library().to_owned(),
            target: schema.target.name.clone(),
            columns_used: (!is_image).then_some(schema.columns.len()),
            sentence: String::new(),
            judgment,
            importance,
            columns: Vec::new(),
            parts: Vec::new(),
            remarks: Vec::new(),
            making: None,
            commands: Vec::new(),
        })
    }

    /// One page that needs nothing else: no script, font, style or picture from anywhere.
    #[must_use]
    pub fn to_html(&self) -> String {
        page::render(self)
    }
}

fn judge(
    predictor: &mut Predictor,
    part: Judged,
    rows: &Dataset,
    train: Option<&Dataset>,
) -> Result<(Judgment, Option<Importance>)> {
    let judgment = Judgment::of(predictor, part, rows, train)?;
    let effort = ImportanceOptions::usual(predictor.model().metadata().seed);
    Ok((judgment, importance(predictor, rows, effort)?))
}

/// The parts of the data that have rows, in the order of their use.
fn parts(data: &Prepared) -> Vec<(Judged, &Dataset)> {
    let parts = [
        (Judged::Train, Some(&data.train)),
        (Judged::Valid, data.valid.as_ref()),
        (Judged::Test, data.test.as_ref()),
    ];
    let with_rows = parts
        .into_iter()
        .filter_map(|(part, rows)| Some((part, rows.filter(|rows| !rows.is_empty())?)));
    with_rows.collect()
}

impl Making {
    fn of(run: &TrainingRun<'_>) -> Result<Self> {
        let FitResult {
            model,
            epochs,
            parameters,
            ..
        } = run.trained;
        Ok(Self {
            decided_by: run.decided_by.to_owned(),
            choices: run.choices.to_vec(),
            run_file: run.spec.to_toml()?,
            epochs: epochs.iter().map(EpochFigures::of).collect(),
            kept: model.metadata().epoch,
            parameters: *parameters,
            features: model.table()?.input.shape.iter().product(),
        })
    }
}

impl EpochFigures {
    pub(crate) fn of(record: &Record) -> Self {
        Self {
            epoch: record.epoch,
            train: record.train.clone(),
            valid: record.valid.clone(),
            test: record.test.clone(),
        }
    }
}
