//! Histogram of the errors.

use maud::{Markup, html};

use super::{Plot, Scale, WIDTH, chart, short, text};
use crate::HistogramBin;

/// A bar for each bin, and a line at an error of 0.
pub(crate) fn histogram(bins: &[HistogramBin]) -> Markup {
    let counts = bins.iter().map(|bin| bin.rows as f64);
    let ends = [bins.first().map(|bin| bin.low), bins.last().map(|bin| bin.high)];
    let (x, y) = (
        Scale::linear(ends.into_iter().flatten()),
        Scale::linear(counts.chain([0.0])),
    );
    let plot = Plot::new(x, y, WIDTH, [28.0, 236.0]);
    let bottom = plot.bottom;
    let bar = |bin: &HistogramBin| {
        let (left, right) = (plot.at_x(bin.low) + 0.5, plot.at_x(bin.high) - 0.5);
        let [left, top, right] = [left, plot.at_y(bin.rows as f64), right].map(short);
        format!("M{left} {bottom}V{top}H{right}V{bottom}Z")
    };
    let bars: String = bins.iter().filter(|bin| bin.rows > 0).map(bar).collect();
    let rows: u64 = bins.iter().map(|bin| bin.rows).sum();
    let description = format!("Histogram of the errors, predicted − true, of {rows} rows; the dashed line is at 0.");
    chart(
        276.0,
        &description,
        &html! {
            (plot.axes())
            path class="bars" d=(bars) {}
            (plot.vertical(0.0))
            (plot.names("predicted − true", "rows"))
            (text("muted", plot.left, bottom + 34.0, "← too low"))
        },
    )
}
