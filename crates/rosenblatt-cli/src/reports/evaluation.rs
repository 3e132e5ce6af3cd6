//! How good a model is on some rows, next to what can be said without any feature.

use std::path::Path;

use rosenblatt_report::{Classification, Details, Evaluation};
use rosenblatt_tensor::Result;
use rosenblatt_train::Warning;
use serde_json::{Value, json};

use crate::ui::{Report, number, one_line, shown, table};
use crate::warnings;

/// Most classes whose metrics are shown.
const MAX_CLASSES: usize = 20;

/// Most classes of a confusion matrix that is shown.
const MAX_MATRIX: usize = 6;

/// The result of `evaluate`, for its report.
pub(crate) struct EvaluationReport<'a> {
    pub(crate) evaluation: &'a Evaluation,
    pub(crate) warnings: &'a [Warning],
    pub(crate) report: Option<&'a Path>,
}

/// `baseline: always `rose`, the most frequent class of these rows`
pub(crate) fn baseline(evaluation: &Evaluation) -> String {
    let rows = match evaluation.baseline_from_training {
        true => "the training rows",
        false => "these rows",
    };
    let why = match evaluation.details {
        Details::Classification(_) => "most frequent class",
        Details::Regression(_) => "mean",
    };
    format!(
        "baseline: always `{}`, the {why} of {rows}",
        one_line(&evaluation.baseline)
    )
}

impl EvaluationReport<'_> {
    /// Rows, and a line for each metric.
    fn metrics(&self) -> String {
        let Evaluation {
            rows,
            weighted_by,
            metrics,
            ..
        } = self.evaluation;
        let line = |cells: [&str; 3]| cells.map(str::to_owned);
        let weights = weighted_by.as_ref().map(|column| line(["weighted by", column, ""]));
        let metrics = metrics
            .iter()
            .map(|metric| [metric.name.clone(), number(metric.value), number(metric.baseline)]);
        let lines: Vec<_> = std::iter::once(line(["rows", &rows.to_string(), ""]))
            .chain(weights)
            .chain([line(["", "model", "baseline"])])
            .chain(metrics)
            .collect();
        table(0, &lines) + &baseline(self.evaluation) + "\n"
    }
}

/// A line for each class.
fn classes(details: &Classification) -> String {
    let share = |share: Option<f64>| share.map_or("-".to_owned(), number);
    let head = ["class", "rows", "predicted", "precision", "recall", "f1"].map(str::to_owned);
    let lines = details.by_class.iter().take(MAX_CLASSES).map(|class| {
        [
            class.name.clone(),
            class.support.to_string(),
            class.predicted.to_string(),
            share(class.precision),
            share(class.recall),
            share(class.f1),
        ]
    });
    let text = table(0, &std::iter::once(head).chain(lines).collect::<Vec<_>>());
    match details.by_class.len().saturating_sub(MAX_CLASSES) {
        0 => text,
        more => format!("{text}and {more} more classes: --format json\n"),
    }
}

/// Rows are classes, columns what is predicted; of many classes the most frequent confusions.
fn confusion(details: &Classification) -> String {
    let names = &details.names;
    if names.len() > MAX_MATRIX {
        let head = ["class", "predicted", "rows"].map(str::to_owned);
        let pairs = details.confused.iter();
        let lines = pairs.map(|pair| [pair.actual.clone(), pair.predicted.clone(), pair.rows.to_string()]);
        return match details.confused.is_empty() {
            true => String::new(),
            false => format!(
                "most frequent confusions\n{}",
                table(0, &std::iter::once(head).chain(lines).collect::<Vec<_>>())
            ),
        };
    }
    let head = std::iter::once("class, predicted as".to_owned()).chain(names.iter().cloned());
    let line = |(actual, name): (usize, &String)| {
        let counts = (0..names.len()).map(|predicted| details.confusion.count(actual, predicted).to_string());
        std::iter::once(name.clone()).chain(counts).collect()
    };
    let lines: Vec<Vec<String>> = std::iter::once(head.collect())
        .chain(names.iter().enumerate().map(line))
        .collect();
    table(0, &lines)
}

impl Report for EvaluationReport<'_> {
    fn text(&self) -> String {
        let mut text = self.metrics();
        if let Details::Classification(details) = &self.evaluation.details {
            text += &format!("\n{}\n{}", classes(details), confusion(details));
        }
        if let Some(path) = self.report {
            text += &format!("report: {}\n", shown(path));
        }
        text
    }

    fn json(&self) -> Result<Value> {
        let evaluation = self.evaluation;
        let mut document = json!({
            "rows": evaluation.rows,
            "metrics": evaluation.of_model(),
            "baseline": { "answer": evaluation.baseline, "metrics": evaluation.of_baseline() },
            "warnings": warnings::json(self.warnings)?,
        });
        if let Details::Classification(details) = &evaluation.details {
            document["classes"] = json!(details.by_class);
            let pair = |&(actual, predicted, rows): &(usize, usize, u64)| json!({ "class": details.names[actual], "predicted": details.names[predicted], "rows": rows });
            document["confusion"] = details.confusion.pairs().iter().map(pair).collect();
        }
        if let Some(column) = &evaluation.weighted_by {
            document["weighted_by"] = json!(column);
        }
        if let Some(path) = self.report {
            document["report"] = json!(path.display().to_string());
        }
        Ok(document)
    }
}
