//! Predicted numbers beside the true ones.

use super::markup::{Markup, element, of};
use super::pictures;
use crate::{Numbers, Report};
use rosenblatt_train::text::{grouped, rounded};

pub(super) fn section(numbers: &Numbers, report: &Report) -> Markup {
    let (half, most) = (rounded(numbers.half), rounded(numbers.nine_tenths));
    let side = if numbers.mean_error > 0.0 {
        "too high"
    } else {
        "too low"
    };
    let words = format!(
        "Half of the predictions are off by at most {half}, nine of ten by at most {most}. On the whole they are {side} by {}.",
        rounded(numbers.mean_error.abs())
    );
    let rows = match (numbers.points.len(), report.judgment.rows) {
        (shown, all) if shown < all => format!("{} of {} rows", grouped(shown as u64), grouped(all as u64)),
        (shown, _) => format!("{} rows", grouped(shown as u64)),
    };
    let against = format!(
        "Predicted against true {}: each dot is one of {rows}. On the dashed diagonal a prediction is exact; above it, it is \
         too high.",
        report.target
    );
    let off =
        "How many predictions are off by how much: predicted less true. The outermost bars hold all that is beyond.";
    let figure = |picture, words: &str| of("figure", picture).with(of("figcaption", words));
    let pair = element("div")
        .class("pair")
        .with(figure(pictures::scatter(numbers, &report.target), &against))
        .with(figure(pictures::errors(&numbers.errors), off));
    [
        of("h3", "Predicted and true").into(),
        of("p", words).into(),
        pair.into(),
    ]
    .into_iter()
    .collect()
}
