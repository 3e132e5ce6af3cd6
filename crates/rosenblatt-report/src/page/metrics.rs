//! Every metric, in words.

use super::markup::{Markup, element, of};
use super::{row, table};
use crate::{Details, Judgment, MetricLine};
use rosenblatt_train::text::{percent, rounded};

/// How a metric is called, and what it says.
const WORDS: [(&str, &str, &str); 9] = [
    ("accuracy", "accuracy", "share of rows whose class is right"),
    (
        "balanced_accuracy",
        "balanced accuracy",
        "the same, but every class counts alike, however rare it is",
    ),
    (
        "brier",
        "Brier score",
        "how far the probabilities are from what was true; 0 is perfect, less is better",
    ),
    (
        "f1",
        "F1",
        "precision and recall of each class in one number, mean over the classes; 1 is perfect",
    ),
    (
        "log_loss",
        "log loss",
        "how surprised the probabilities are by what was true; 0 is perfect, less is better",
    ),
    (
        "mae",
        "mean absolute error",
        "mean size of the errors, in the unit of the target; less is better",
    ),
    (
        "r2",
        "R²",
        "share of the differences between rows that is explained; 0 is no better than the mean, 1 is perfect",
    ),
    (
        "rmse",
        "root mean squared error",
        "size of the errors in the unit of the target, large ones counting more; less is better",
    ),
    (
        "roc_auc",
        "area under the ROC curve",
        "how often a row of a class gets a larger probability of it than a row of another; 0.5 is chance, 1 is perfect",
    ),
];

/// How a metric is called in a text.
pub(super) fn title(name: &str) -> &str {
    let known = WORDS.iter().find(|(key, ..)| *key == name);
    known.map_or(name, |(_, title, _)| title)
}

/// All metrics beside those of the trivial guess.
pub(super) fn table_of(judgment: &Judgment) -> Markup {
    let from = if judgment.guess_from_training {
        "the training rows"
    } else {
        "these rows"
    };
    let guess = match judgment.details {
        Details::Classes(_) => {
            format!("takes the shares of the classes in {from} for probabilities, and knows no column")
        }
        Details::Numbers(_) => format!("is the mean of {from}, whatever the columns say"),
    };
    let caption = format!("Figures of this model, beside a trivial guess: it {guess}.");
    let line = |line: &MetricLine| {
        let meaning = WORDS.iter().find(|(key, ..)| *key == line.name);
        let name = element("span")
            .with(title(&line.name))
            .with(meaning.map(|(.., meaning)| of("small", *meaning)));
        row(name, [line.value, line.guess].map(|value| show(&line.name, value)))
    };
    table(
        &caption,
        &["figure", "#this model", "#trivial guess"],
        judgment.metrics.iter().map(line),
    )
    .into()
}

/// Shares of rows as percents.
fn show(name: &str, value: f64) -> String {
    if name.ends_with("accuracy") {
        percent(value)
    } else {
        rounded(value)
    }
}

#[cfg(test)]
mod tests {
    use rosenblatt_nn::metrics::METRICS;

    use super::*;

    #[test]
    fn every_metric_has_words() {
        let names: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(WORDS.map(|(name, ..)| name), names[..]);
        assert_eq!((title("r2"), title("new")), ("R²", "new"));
    }
}
