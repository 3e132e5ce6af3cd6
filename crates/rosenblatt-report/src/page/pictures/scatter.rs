//! Predicted numbers against true ones.

use super::super::markup::Element;
use super::{LEFT, RIGHT, labels_below, path, picture, rows_of_grid, short, text};
use crate::Numbers;
use crate::plot::Scale;

const TOP: f64 = 28.0;
const BOTTOM: f64 = 296.0;

/// A dot for each row, and the line on which predictions are exact.
pub(in super::super) fn scatter(numbers: &Numbers, target: &str) -> Element {
    let all = || {
        numbers
            .points
            .iter()
            .flatten()
            .copied()
            .filter(|value| value.is_finite())
    };
    let (x, y) = (
        Scale::of_values(all(), LEFT, RIGHT),
        Scale::of_values(all(), BOTTOM, TOP),
    );
    let dot = |[t, p]: &[f64; 2]| format!("M{} {}h0", short(x.place(*t)), short(y.place(*p)));
    let dots = numbers
        .points
        .iter()
        .filter(|point| point.iter().all(|value| value.is_finite()));
    let dots: String = dots.map(dot).collect();
    let words = format!(
        "Scatter of predicted against true values of {target}, {} rows; on the dashed diagonal they are equal.",
        numbers.points.len()
    );
    picture(332.0, &words)
        .each(rows_of_grid(&y))
        .each(labels_below(&x, BOTTOM + 16.0))
        .with(text("", LEFT, 14.0, "predicted"))
        .with(text("end", RIGHT, BOTTOM + 32.0, "true"))
        .with(path("dots", &dots))
        .with(path("ideal", &format!("M{LEFT} {BOTTOM}L{RIGHT} {TOP}")))
}
