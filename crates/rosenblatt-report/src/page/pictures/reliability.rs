//! Whether the model is right as often as it is sure.

use rosenblatt_nn::metrics::{Bin, Calibration};

use super::super::markup::Element;
use super::{LEFT, RIGHT, element, labels_below, path, picture, rows_of_grid, short, text};
use crate::plot::Scale;

const TOP: f64 = 28.0;
const BOTTOM: f64 = 296.0;

/// A mark for each bin that holds rows, and the line on which sure and right are equal.
pub(in super::super) fn reliability(calibration: &Calibration) -> Element {
    let filled: Vec<&Bin> = calibration.bins.iter().filter(|bin| bin.rows > 0).collect();
    let lowest = filled.iter().map(|bin| bin.low.min(bin.right)).fold(1.0, f64::min);
    let percents = || [100.0 * lowest, 100.0].into_iter();
    let (x, y) = (
        Scale::of_values(percents(), LEFT, RIGHT),
        Scale::of_values(percents(), BOTTOM, TOP),
    );
    let place = |bin: &Bin| [x.place(100.0 * bin.confidence), y.place(100.0 * bin.right)].map(short);
    let line: Vec<String> = filled.iter().map(|bin| place(bin).join(" ")).collect();
    let mark = |bin: &&Bin| {
        let [cx, cy] = place(bin);
        element("circle")
            .class("marks")
            .attr("cx", cx)
            .attr("cy", cy)
            .attr("r", 5)
    };
    let words = "Reliability diagram: how often the model is right against how sure it is; on the dashed diagonal both are \
                 equal. The table has the same numbers.";
    picture(332.0, words)
        .each(rows_of_grid(&y))
        .each(labels_below(&x, BOTTOM + 16.0))
        .with(text("", LEFT, 14.0, "right, %"))
        .with(text("end", RIGHT, BOTTOM + 32.0, "sure, %"))
        .with(path("ideal", &format!("M{LEFT} {BOTTOM}L{RIGHT} {TOP}")))
        .with((line.len() > 1).then(|| path("curve training", &format!("M{}", line.join("L")))))
        .each(filled.iter().map(mark))
}
