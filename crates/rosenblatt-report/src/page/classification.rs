//! Confusion matrix, metrics by class, calibration.

use maud::{Markup, html};
use rosenblatt_train::text::{grouped, percent, rounded};

use super::{figure, row, table};
use crate::charts;
use crate::{CalibrationSummary, CalibrationVerdict, ClassMetrics, Classification, Confused, Report};

/// More classes make a confusion matrix that no one reads.
const MAX_MATRIX: usize = 12;

/// With fewer classes the confusion matrix shows the most frequent confusions at a glance.
const MIN_PAIRS: usize = 4;

pub(super) fn section(details: &Classification, report: &Report) -> Markup {
    let classes = details.names.len();
    html! {
        h3 { "Confusion matrix" }
        @if classes <= MAX_MATRIX { (matrix(details, &report.target)) }
        @if classes >= MIN_PAIRS && !details.confused.is_empty() { (confused(&details.confused)) }
        h3 { "Metrics by class" }
        (by_class(&details.by_class))
        h3 { "Calibration" }
        @match &details.calibration {
            Some(summary) => (calibration(summary, details.accuracy)),
            None => p {
                "The loss of this model gives scores, not probabilities: there is nothing to calibrate, and log loss and Brier \
                 score are not defined."
            },
        }
    }
}

/// The larger the share of its row, the stronger the color of a cell.
fn matrix(details: &Classification, target: &str) -> Markup {
    let confusion = &details.confusion;
    let cell = |actual: usize, predicted: usize| {
        let rows = confusion.count(actual, predicted);
        let share = rows as f64 / confusion.class(actual).actual.max(1) as f64;
        let class = match rows {
            _ if actual == predicted => Some("correct"),
            0 => Some("muted"),
            _ => None,
        };
        html! { td class=[class] style=(format!("--share:{share:.3}")) { (grouped(rows)) } }
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label="Confusion matrix" {
            table.matrix {
                caption {
                    "Rows: true " (target) ". Columns: predicted " (target) ". Correct predictions are framed; the color shows \
                     the share of the row."
                }
                thead {
                    tr {
                        th scope="col" { "true" }
                        @for name in &details.names { th scope="col" { (name) } }
                    }
                }
                tbody {
                    @for (actual, name) in details.names.iter().enumerate() {
                        tr {
                            th scope="row" { (name) }
                            @for predicted in 0..details.names.len() { (cell(actual, predicted)) }
                        }
                    }
                }
            }
        }
    }
}

fn confused(pairs: &[Confused]) -> Markup {
    let rows = html! {
        @for pair in pairs {
            tr { th scope="row" { (pair.actual) } td { (pair.predicted) } td.number { (grouped(pair.rows)) } }
        }
    };
    table(
        None,
        "The most frequent confusions.",
        &["true class", "predicted class", "#rows"],
        &rows,
    )
}

fn by_class(classes: &[ClassMetrics]) -> Markup {
    let rate = |value: Option<f64>| percent(value.unwrap_or(f64::NAN));
    let numbers = |class: &ClassMetrics| {
        let f1 = rounded(class.f1.unwrap_or(f64::NAN));
        [rate(class.precision), rate(class.recall), f1, grouped(class.support)]
    };
    let rows = html! { @for class in classes { (row(&class.name, numbers(class))) } };
    let caption = "Precision: share of the predictions of a class that are correct. Recall: share of the rows of a class that \
                   are predicted. F1: their harmonic mean. Support: number of rows of the class.";
    table(
        None,
        caption,
        &["class", "#precision", "#recall", "#F1", "#support"],
        &rows,
    )
}

fn calibration(details: &CalibrationSummary, accuracy: f64) -> Markup {
    let verdict = match details.verdict {
        CalibrationVerdict::Overconfident => "The model is overconfident.",
        CalibrationVerdict::Underconfident => "The model is underconfident.",
        CalibrationVerdict::Calibrated => "The two agree within the sampling error.",
    };
    let filled = details.bins.bins.iter().filter(|bin| bin.rows > 0);
    let rows = html! {
        @for bin in filled {
            @let range = format!("{:.0}–{:.0}\u{a0}%", 100.0 * bin.low, 100.0 * bin.high);
            (row(&range, [grouped(bin.rows), percent(bin.confidence), percent(bin.accuracy)]))
        }
    };
    let head = ["bin", "#rows", "#predicted probability", "#observed frequency"];
    let caption = "Reliability diagram: one mark for each bin of the table. Below the dashed diagonal the model is \
                   overconfident, above it underconfident. Bins of few rows are noisy.";
    html! {
        p {
            "The mean predicted probability of the predicted class is " (percent(details.confidence)) ", its observed frequency \
             (the accuracy) is " (percent(accuracy)) ". " (verdict) " The expected calibration error, which compares the \
             two in each bin, is " (percent(details.error)) "."
        }
        div.pair {
            (figure(&charts::reliability(&details.bins), caption))
            div { (table(None, "Rows binned by the predicted probability of the predicted class.", &head, &rows)) }
        }
    }
}
