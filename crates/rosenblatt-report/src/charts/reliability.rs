//! Reliability diagram: observed frequency against predicted probability.

use maud::{Markup, html};
use rosenblatt_nn::metrics::{Bin, Calibration};

use super::{Plot, Scale, WIDTH, chart, short};

/// A mark for each bin that holds rows, and the diagonal of perfect calibration.
pub(crate) fn reliability(calibration: &Calibration) -> Markup {
    let filled: Vec<&Bin> = calibration.bins.iter().filter(|bin| bin.rows > 0).collect();
    let lowest = filled.iter().map(|bin| bin.low.min(bin.accuracy)).fold(1.0, f64::min);
    let scale = || Scale::linear([100.0 * lowest, 100.0].into_iter());
    let plot = Plot::new(scale(), scale(), WIDTH, [28.0, 296.0]);
    let place = |bin: &&Bin| [100.0 * bin.confidence, 100.0 * bin.accuracy];
    let line: Vec<String> = filled.iter().map(place).map(|[x, y]| plot.point(x, y)).collect();
    let description = "Reliability diagram: observed frequency of the predicted class against its predicted probability; on \
                       the dashed diagonal both are equal. The table has the same numbers.";
    chart(
        336.0,
        description,
        &html! {
            (plot.axes())
            (plot.names("predicted probability, %", "observed frequency, %"))
            (plot.diagonal())
            @if line.len() > 1 { path class="curve training" d={ "M" (line.join("L")) } {} }
            @for [x, y] in filled.iter().map(place) {
                circle class="training" cx=(short(plot.at_x(x))) cy=(short(plot.at_y(y))) r="5" {}
            }
        },
    )
}
