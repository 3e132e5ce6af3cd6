//! Predicted and true values, and their differences.

use maud::{Markup, html};
use rosenblatt_train::text::{grouped, rounded};

use super::figure;
use crate::{Regression, Report, charts, minus};

pub(super) fn section(details: &Regression, report: &Report) -> Markup {
    let rows = match (details.points.len(), report.evaluation.rows) {
        (shown, all) if shown < all => format!("{} of {} rows", grouped(shown as u64), grouped(all as u64)),
        (shown, _) => format!("{} rows", grouped(shown as u64)),
    };
    let scatter = format!(
        "Predicted against true {}: each dot is one of {rows}. On the dashed diagonal a prediction is exact.",
        report.target
    );
    let histogram = "Histogram of the errors, predicted − true. The outermost bars include all larger errors.";
    html! {
        h3 { "Predicted and true values" }
        p {
            "The median absolute error is " (rounded(details.median_absolute_error)) ", and 90 % of the absolute errors are at \
             most " (rounded(details.absolute_error_p90)) ". The mean error (predicted − true) is "
            (minus(&rounded(details.mean_error))) "."
        }
        div.pair {
            (figure(&charts::scatter(details, &report.target), &scatter))
            (figure(&charts::histogram(&details.histogram), histogram))
        }
    }
}
