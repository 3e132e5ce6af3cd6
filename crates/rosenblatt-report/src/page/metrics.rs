//! Every metric, with its definition and the baseline.

use maud::{Markup, html};
use rosenblatt_train::text::{fixed, percent, rounded};

use super::table;
use crate::{Details, Evaluation, minus};

/// Name of a metric, title, definition.
const METRICS: [(&str, &str, &str); 9] = [
    ("accuracy", "accuracy", "share of rows whose predicted class is correct"),
    ("balanced_accuracy", "balanced accuracy", "mean recall of the classes"),
    (
        "brier",
        "Brier score",
        "mean squared error of the predicted probabilities; 0 is perfect, lower is better",
    ),
    ("f1", "F1 (macro)", "mean F1 of the classes; 1 is perfect"),
    (
        "log_loss",
        "log loss",
        "mean negative log-probability of the true class; 0 is perfect, lower is better",
    ),
    (
        "mae",
        "mean absolute error",
        "mean of |predicted − true|, in the unit of the target; lower is better",
    ),
    (
        "r2",
        "R²",
        "share of variance explained; 1 is perfect, 0 is no better than the mean",
    ),
    (
        "rmse",
        "root mean squared error",
        "in the unit of the target; large errors count more; lower is better",
    ),
    (
        "roc_auc",
        "ROC AUC",
        "area under the ROC curve, each class against the rest; 1 is perfect, 0.5 is chance",
    ),
];

/// The title of a metric.
pub(super) fn title(name: &str) -> &str {
    let known = METRICS.iter().find(|(key, ..)| *key == name);
    known.map_or(name, |(_, title, _)| title)
}

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

#[cfg(test)]
mod tests {
    #[test]
    fn every_metric_has_a_definition() {
        let names: Vec<&str> = rosenblatt_nn::metrics::METRICS
            .iter()
            .map(|metric| metric.name)
            .collect();
        assert_eq!(super::METRICS.map(|(name, ..)| name), names[..]);
        assert_eq!((super::title("r2"), super::title("new")), ("R²", "new"));
    }
}
