//! Every metric, with its definition and the baseline.

use maud::{Markup, html};
use rosenblatt_train::text::{fixed, percent, rounded};

use super::definitions::{METRICS, title};
use super::table;
use crate::{Details, Evaluation, minus};

/// All metrics of the model and of the baseline.
pub(super) fn table_of(evaluation: &Evaluation) -> Markup {
    let rows = if evaluation.baseline_from_training {
        "the training rows"
    } else {
        "these rows"
    };
    let (caption, baseline) = match evaluation.details {
        Details::Classification(_) => (
            format!("The baseline predicts the class frequencies of {rows}, without any feature."),
            "#baseline (class frequencies)",
        ),
        Details::Regression(_) => (
            format!("The baseline always predicts the mean of {rows}."),
            "#baseline (mean)",
        ),
    };
    let lines = html! {
        @for line in &evaluation.metrics {
            tr {
                th scope="row" {
                    (title(&line.name))
                    @for (_, _, definition) in METRICS.iter().filter(|(key, ..)| *key == line.name) { small { (definition) } }
                }
                @for value in [line.value, line.baseline] { td.number { (show(&line.name, value)) } }
            }
        }
    };
    table(None, &caption, &["metric", "#model", baseline], &lines)
}

/// Shares of rows in percent, and three digits of what is at most 1.
fn show(name: &str, value: f64) -> String {
    match name {
        "accuracy" | "balanced_accuracy" => percent(value),
        "f1" | "r2" | "roc_auc" if value.is_finite() => minus(&fixed(value, 3)),
        _ => minus(&rounded(value)),
    }
}
