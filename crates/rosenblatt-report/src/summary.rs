//! The result in two sentences.

use rosenblatt_train::Table;
use rosenblatt_train::text::{grouped, percent, rounded};

use crate::{Details, Evaluation, Split};

/// Target, features, the primary metric, and that of the baseline. Names are in backticks; `file` is the name of new rows.
pub(crate) fn of(table: &Table, evaluation: &Evaluation, file: Option<&str>) -> String {
    let schema = &table.schema;
    let from = match (table.preprocessing.pixel_scale(schema), schema.columns.len()) {
        (Some(_), _) => "images".to_owned(),
        (None, 1) => format!("the column `{}`", schema.columns[0].name),
        (None, columns) => format!("{columns} other columns"),
    };
    let metric = evaluation.primary();
    let (name, show): (_, fn(f64) -> String) = match &evaluation.details {
        Details::Classification(_) => ("accuracy", percent),
        Details::Regression(_) => ("root mean squared error", rounded),
    };
    let why = match (&evaluation.details, evaluation.baseline_from_training) {
        (Details::Classification(_), _) => "the most frequent class",
        (Details::Regression(_), true) => "the mean of the training rows",
        (Details::Regression(_), false) => "the mean of these rows",
    };
    let baseline = format!("always predicting `{}` ({why})", evaluation.baseline);
    let [value, other] = [metric.value, metric.baseline].map(show);
    let (target, rows) = (&schema.target.name, rows(evaluation, file));
    let model = format!("This model predicts `{target}` from {from}. On {rows}, its {name} is {value}");
    if metric.beats_baseline() {
        format!("{model}. The baseline, {baseline}, has {other}.")
    } else {
        format!("{model}, which is no better than the baseline: {baseline} has {other}.")
    }
}

/// `69 test rows, which were not used in training`.
fn rows(evaluation: &Evaluation, file: Option<&str>) -> String {
    let rows = if evaluation.rows == 1 { "row" } else { "rows" };
    let count = grouped(evaluation.rows as u64);
    match (evaluation.split, file) {
        (Split::New, Some(file)) => format!("{count} {rows} of `{file}`"),
        (Split::New, None) => format!("{count} new {rows}"),
        (Split::Test, _) => format!("{count} test {rows}, not used in training"),
        (Split::Validation, _) => format!("{count} validation {rows}"),
        (Split::Train, _) => format!("its {count} training {rows}"),
    }
}
