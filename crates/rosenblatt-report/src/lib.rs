//! A report about a model: evaluation, permutation importance, training, data warnings.
//!
//! A [`Report`] is plain data, so that every front end can show it its own way; [`Report::to_html`] is the page they share.
//!
//! | part | where |
//! |---|---|
//! | metrics, and those of a baseline | [`evaluate`] (`evaluation.rs`, `baseline.rs`) |
//! | confusion matrix, metrics by class, calibration | `classification.rs` |
//! | errors of a regression | `regression.rs` |
//! | permutation importance | [`importance`](fn@importance) |
//! | columns, settings, epochs | `columns.rs`, `training.rs` |
//! | the result in words | `summary.rs` |
//! | learning curves as a file | [`charts`] |
//! | filters and feature maps | [`filters`], [`feature_maps`] (`images/`), [`charts::tile_grids`] |
//! | the page | `page/` |
//!
//! A report does not depend on threads, the instruction set or time: the same training gives the same page, byte for byte.
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used)]
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod charts;

mod baseline;
mod classification;
mod columns;
mod evaluation;
mod images;
mod importance;
mod page;
mod regression;
mod summary;
mod training;

use rosenblatt_data::schema::Overview;
use rosenblatt_data::{Dataset, Prepared};
use rosenblatt_tensor::Result;
use rosenblatt_train::settings::SettingOrigin;
use rosenblatt_train::{FitResult, Model, Predictor, RunOptions, Spec};
use serde::Serialize;

pub use classification::{CalibrationSummary, CalibrationVerdict, ClassMetrics, Classification, Confused};
pub use columns::{ColumnSummary, Role};
pub use evaluation::{Details, Evaluation, MetricLine, Split, evaluate, evaluate_held_out};
pub use images::{feature_maps, filters};
pub use importance::{ColumnImportance, Importance, ImportanceOptions, importance};
pub use regression::{HistogramBin, Regression};
pub use training::{EpochMetrics, SettingLine, Training};

/// All there is to say about a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Name of the data.
    pub source: String,
    /// Name and version of the library.
    pub library: String,
    /// The target column.
    pub target: String,
    /// Number of input columns as features; none for images.
    pub columns_used: Option<usize>,
    /// The result in words; names are in backticks.
    pub summary: String,
    /// Metrics and their details.
    pub evaluation: Evaluation,
    /// Permutation importance; none for images.
    pub importance: Option<Importance>,
    /// Every column of the table; empty if no overview was given.
    pub columns: Vec<ColumnSummary>,
    /// Number of rows of each split.
    pub splits: Vec<(Split, usize)>,
    /// Data warnings, one sentence each; names are in backticks.
    pub warnings: Vec<String>,
    /// How the model was trained; none for a report about new rows.
    pub training: Option<Training>,
    /// How to use the model.
    pub commands: Vec<Command>,
}

/// A command to type.
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
    /// Name of the data.
    pub source: &'a str,
    /// All settings.
    pub spec: &'a Spec,
    /// The prepared data.
    pub data: &'a Prepared,
    /// The table as it was read, if it was looked at.
    pub overview: Option<&'a Overview>,
    /// Every setting with its origin.
    pub settings: &'a [SettingOrigin],
    /// What chose the unset options: `preset auto`, `run file`.
    pub decided_by: &'a str,
    /// The result.
    pub trained: &'a FitResult,
    /// All warnings, one sentence each.
    pub warnings: Vec<String>,
    /// How to use the model.
    pub commands: Vec<Command>,
}

/// Rows with known targets, to evaluate a trained model on.
#[derive(Clone, Debug)]
pub struct NewRows<'a> {
    /// Name of the data.
    pub source: &'a str,
    /// The rows.
    pub rows: &'a Dataset,
    /// Warnings about the data.
    pub warnings: Vec<String>,
    /// How to use the model.
    pub commands: Vec<Command>,
}

impl Report {
    /// The report of a training run, evaluated on its test rows, or else on its validation rows, or else on its training rows.
    ///
    /// # Errors
    /// As [`Predictor::evaluate`].
    pub fn of_training(run: TrainingRun<'_>, options: &RunOptions) -> Result<Self> {
        let (data, model) = (run.data, &run.trained.model);
        let mut predictor = Predictor::new(model, options)?;
        let splits = splits(data);
        let (split, rows) = splits.last().copied().unwrap_or((Split::Train, &data.train));
        let (evaluation, importance) = measure(&mut predictor, split, rows, Some(&data.train))?;
        Ok(Self {
            source: run.source.to_owned(),
            summary: summary::of(model.table()?, &evaluation, None),
            columns: columns::of(run.overview, data, &run.spec.data.drop)?,
            splits: splits.iter().map(|(split, rows)| (*split, rows.len())).collect(),
            training: Some(Training::of(&run)?),
            warnings: run.warnings,
            commands: run.commands,
            ..Self::common(model, evaluation, importance)?
        })
    }

    /// The report of a model evaluated on new rows.
    ///
    /// # Errors
    /// As [`Predictor::evaluate`].
    pub fn of_rows(predictor: &mut Predictor, new: NewRows<'_>) -> Result<Self> {
        let (evaluation, importance) = measure(predictor, Split::New, new.rows, None)?;
        let model = predictor.model();
        Ok(Self {
            source: new.source.to_owned(),
            summary: summary::of(model.table()?, &evaluation, Some(new.source)),
            splits: vec![(Split::New, new.rows.len())],
            warnings: new.warnings,
            commands: new.commands,
            ..Self::common(model, evaluation, importance)?
        })
    }

    /// What both kinds of reports share.
    fn common(model: &Model, evaluation: Evaluation, importance: Option<Importance>) -> Result<Self> {
        let table = model.table()?;
        let schema = &table.schema;
        let is_image = importance.is_none() && table.preprocessing.pixel_scale(schema).is_some();
        Ok(Self {
            source: String::new(),
            library: model.library().to_owned(),
            target: schema.target.name.clone(),
            columns_used: (!is_image).then_some(schema.columns.len()),
            summary: String::new(),
            evaluation,
            importance,
            columns: Vec::new(),
            splits: Vec::new(),
            warnings: Vec::new(),
            training: None,
            commands: Vec::new(),
        })
    }

    /// One HTML page that loads nothing: no script, font, style sheet or image.
    #[must_use]
    pub fn to_html(&self) -> String {
        page::render(self)
    }
}

fn measure(
    predictor: &mut Predictor,
    split: Split,
    rows: &Dataset,
    train: Option<&Dataset>,
) -> Result<(Evaluation, Option<Importance>)> {
    let evaluation = evaluate(predictor, split, rows, train)?;
    let options = ImportanceOptions::new(predictor.model().metadata().seed);
    Ok((evaluation, importance(predictor, rows, options)?))
}

/// The splits that have rows, in the order of their use.
fn splits(data: &Prepared) -> Vec<(Split, &Dataset)> {
    let splits = [
        (Split::Train, Some(&data.train)),
        (Split::Validation, data.valid.as_ref()),
        (Split::Test, data.test.as_ref()),
    ];
    let with_rows = splits
        .into_iter()
        .filter_map(|(split, rows)| Some((split, rows.filter(|rows| !rows.is_empty())?)));
    with_rows.collect()
}

/// Markup without control characters, which have no place in HTML and XML: they become the replacement character.
fn clean(markup: &str) -> String {
    let shown = |c: char| {
        if c.is_control() && !"\n\t".contains(c) {
            '\u{fffd}'
        } else {
            c
        }
    };
    markup.chars().map(shown).collect()
}

/// A number with a minus sign instead of a hyphen.
fn minus(number: &str) -> String {
    number
        .strip_prefix('-')
        .map_or_else(|| number.to_owned(), |size| format!("−{size}"))
}
