//! How many predictions are off by how much.

use super::super::markup::Element;
use super::{LEFT, RIGHT, labels_below, path, picture, rows_of_grid, short, text};
use crate::ErrorBin;
use crate::plot::Scale;

const TOP: f64 = 28.0;
const BOTTOM: f64 = 236.0;

/// A bar for each bin, and a line where predictions are exact.
pub(in super::super) fn errors(bins: &[ErrorBin]) -> Element {
    let most = bins.iter().map(|bin| bin.rows as f64);
    let y = Scale::of_values(most.chain([0.0]), BOTTOM, TOP);
    let ends = [bins.first().map(|bin| bin.low), bins.last().map(|bin| bin.high)];
    let x = Scale::of_values(ends.into_iter().flatten(), LEFT, RIGHT);
    let bar = |bin: &ErrorBin| {
        let (left, right, top) = (
            x.place(bin.low) + 0.5,
            x.place(bin.high) - 0.5,
            y.place(bin.rows as f64),
        );
        format!("M{} {BOTTOM}V{}H{}V{BOTTOM}Z", short(left), short(top), short(right))
    };
    let bars: String = bins.iter().filter(|bin| bin.rows > 0).map(bar).collect();
    let zero = short(x.place(0.0));
    let rows: u64 = bins.iter().map(|bin| bin.rows).sum();
    let words = format!("Histogram of the errors, predicted less true, of {rows} rows; the dashed line is at 0.");
    picture(272.0, &words)
        .each(rows_of_grid(&y))
        .with(path("bars", &bars))
        .with(path("ideal", &format!("M{zero} {TOP}V{BOTTOM}")))
        .each(labels_below(&x, BOTTOM + 16.0))
        .with(text("", LEFT, 14.0, "rows"))
        .with(text("dim", LEFT, BOTTOM + 32.0, "← too low"))
        .with(text("end dim", RIGHT, BOTTOM + 32.0, "too high →"))
}
