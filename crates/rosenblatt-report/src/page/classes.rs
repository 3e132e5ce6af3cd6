//! What was taken for what, class by class, and how sure the model was.

use rosenblatt_nn::metrics::Bin;

use super::markup::{Element, Markup, element, of};
use super::{pictures, row, table};
use crate::{CalibrationVerdict, ClassFigures, Classes, Mistake, Report};
use rosenblatt_train::text::{grouped, percent, rounded};

/// More classes make a matrix nobody reads.
const MATRIX: usize = 12;

/// With fewer classes the matrix shows all mistakes at a preview.
const PAIRS: usize = 4;

pub(super) fn section(classes: &Classes, report: &Report) -> Markup {
    let count = classes.names.len();
    [
        of("h3", "What was taken for what").into(),
        (count <= MATRIX).then(|| matrix(classes, &report.target)).into(),
        (count >= PAIRS && !classes.mistakes.is_empty())
            .then(|| mistakes(&classes.mistakes))
            .into(),
        of("h3", "Class by class").into(),
        figures(&classes.figures),
        of("h3", "Are its probabilities to be believed?").into(),
        calibration(classes),
    ]
    .into_iter()
    .collect()
}

/// Cells are colored the stronger, the larger their share of the row.
fn matrix(classes: &Classes, target: &str) -> Element {
    let confusion = &classes.confusion;
    let cell = |of_class: usize, called: usize| {
        let rows = confusion.rows_taken(of_class, called);
        let share = rows as f64 / confusion.class(of_class).of.max(1) as f64;
        let cell = of("td", grouped(rows)).attr("style", format!("--share:{share:.3}"));
        match rows {
            _ if of_class == called => cell.class("right"),
            0 => cell.class("muted"),
            _ => cell,
        }
    };
    let line = |(of_class, name): (usize, &String)| {
        let cells = (0..classes.names.len()).map(|called| cell(of_class, called));
        element("tr").with(of("th", name).attr("scope", "row")).each(cells)
    };
    let names = classes.names.iter().map(|name| of("th", name).attr("scope", "col"));
    let head = element("tr")
        .with(of("th", "true ↓ predicted →").attr("scope", "col"))
        .each(names);
    let caption = format!(
        "Rows by their true {target} (down) and the predicted one (across). Framed numbers are right; the stronger the \
         color of a cell, the larger its share of its line."
    );
    let matrix = element("table")
        .class("matrix")
        .with(of("caption", caption))
        .with(of("thead", head))
        .with(element("tbody").each(classes.names.iter().enumerate().map(line)));
    of("div", matrix)
        .class("scroll")
        .attr("tabindex", 0)
        .attr("role", "region")
        .attr("aria-label", "Confusion matrix")
}

fn mistakes(mistakes: &[Mistake]) -> Element {
    let line = |mistake: &Mistake| {
        row(&mistake.of, [])
            .with(of("td", &mistake.called))
            .with(of("td", grouped(mistake.rows)).class("number"))
    };
    table(
        "The most frequent mistakes.",
        &["true class", "taken for", "#rows"],
        mistakes.iter().map(line),
    )
}

fn figures(figures: &[ClassFigures]) -> Markup {
    let rate = |value: Option<f64>| percent(value.unwrap_or(f64::NAN));
    let line = |class: &ClassFigures| {
        let f1 = rounded(class.f1.unwrap_or(f64::NAN));
        row(
            &class.name,
            [grouped(class.rows), rate(class.precision), rate(class.recall), f1],
        )
    };
    let caption = "Precision: of the rows predicted to be of this class, the share that is. Recall: of the rows of this \
                   class, the share that was found. F1 is their harmonic mean; 1 is perfect.";
    table(
        caption,
        &["class", "#rows", "#precision", "#recall", "#F1"],
        figures.iter().map(line),
    )
    .into()
}

fn calibration(classes: &Classes) -> Markup {
    let (sure, off) = (percent(classes.confidence), percent(classes.calibration_error));
    let verdict = match classes.verdict {
        CalibrationVerdict::Overconfident => "It is too sure of itself.",
        CalibrationVerdict::Underconfident => "It is better than it believes.",
        CalibrationVerdict::Calibrated => {
            "On the whole it is about as sure as it should be: the difference is no more than chance."
        }
    };
    let words = format!(
        "On average the model gives the class it predicts a probability of {sure}, and is right for {}. {verdict} Row by \
         row, within groups of about equal probability, the two differ by {off} on average (expected calibration error).",
        percent(classes.accuracy)
    );
    let line = |bin: &Bin| {
        let range = format!("{} to {}", percent_of(bin.low), percent_of(bin.high));
        row(range, [grouped(bin.rows), percent(bin.confidence), percent(bin.right)])
    };
    let filled = classes.calibration.bins.iter().filter(|bin| bin.rows > 0);
    let caption = "Rows by the probability of the predicted class.";
    let numbers = table(caption, &["probability", "#rows", "#mean", "#right"], filled.map(line));
    let notes = "Each mark is a line of the table. Below the dashed diagonal the model is right less often than it believes, \
                 above it more often; marks of few rows are a matter of chance.";
    let figure = of("figure", pictures::reliability(&classes.calibration)).with(of("figcaption", notes));
    [
        of("p", words).into(),
        element("div")
            .class("pair")
            .with(figure)
            .with(of("div", numbers))
            .into(),
    ]
    .into_iter()
    .collect()
}

/// `70 %`.
fn percent_of(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}
