//! Everything in one sentence.

use super::{Details, Judged, Judgment};
use rosenblatt_train::Table;
use rosenblatt_train::text::{grouped, percent, rounded};

/// What is predicted from what, how good that is, and how good the trivial guess would be. Names stand between
/// backticks; `file` is what new rows are called.
pub(crate) fn of(about: &Table, judgment: &Judgment, file: Option<&str>) -> String {
    let schema = &about.schema;
    let from = match (about.preprocessing.pixel_scale(schema), schema.columns.len()) {
        (Some(_), _) => "images".to_owned(),
        (None, 1) => format!("the column `{}`", schema.columns[0].name),
        (None, columns) => format!("{columns} other columns"),
    };
    let target = &schema.target.name;
    let rows = format!("{} {}", grouped(judgment.rows as u64), which(judgment, file));
    let (usual, guess) = (judgment.usual(), &judgment.guess);
    let model = format!("This model predicts `{target}` from {from}: on {rows}, it is");
    let (verb, value, trivial, why) = match &judgment.details {
        Details::Classes(_) => (
            "right for",
            percent(usual.value),
            percent(usual.guess),
            "the most frequent class",
        ),
        Details::Numbers(_) => {
            let mean = if judgment.guess_from_training {
                "the mean of the training rows"
            } else {
                "their mean"
            };
            (
                "off by",
                rounded(usual.value) + " (root mean square)",
                rounded(usual.guess),
                mean,
            )
        }
    };
    let guess = format!("always answering `{guess}`, {why}");
    if usual.beats_guess() {
        format!("{model} {verb} {value}, while {guess}, would be {verb} {trivial}.")
    } else {
        format!("{model} {verb} {value}, which is no better than {guess}: {trivial}.")
    }
}

/// `test rows, which it did not learn from`.
fn which(judgment: &Judgment, file: Option<&str>) -> String {
    let rows = if judgment.rows == 1 { "row" } else { "rows" };
    match (judgment.part, file) {
        (Judged::New, Some(file)) => format!("{rows} of `{file}`"),
        (Judged::New, None) => format!("new {rows}"),
        (Judged::Test, _) => format!("test {rows}, which it did not learn from"),
        (Judged::Valid, _) => format!("validation {rows}, which it did not learn from"),
        (Judged::Train, _) => format!("{rows}, the very ones it learned from"),
    }
}
