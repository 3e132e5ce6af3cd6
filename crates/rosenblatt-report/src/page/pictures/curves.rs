//! Loss or score over the epochs.

use super::super::markup::Element;
use super::{LEFT, RIGHT, labels_below, path, picture, rows_of_grid, short, text};
use crate::Making;
use crate::plot::{SERIES, Scale, Series};
use rosenblatt_train::text::number;

const TOP: f64 = 34.0;
const BOTTOM: f64 = 196.0;

/// A curve for each part of the data, and a line at the epoch that was kept. Names of parts are the classes of their
/// curves; the style tells them apart by color and by dashes.
pub(in super::super) fn curves(making: &Making, name: &str) -> Element {
    let points = |part: &Series| (part.name, part.points(&making.epochs, name));
    let parts: Vec<_> = SERIES.iter().map(points).collect();
    let drawn: Vec<_> = parts.iter().filter(|(_, points)| !points.is_empty()).collect();
    let x = Scale::of_epochs(making.epochs.len(), LEFT, RIGHT);
    let y = Scale::of_values(
        drawn.iter().flat_map(|(_, points)| points).map(|point| point.1),
        BOTTOM,
        TOP,
    );

    let mut picture = picture(232.0, &words(name, &drawn)).each(rows_of_grid(&y));
    picture = picture.each(labels_below(&x, BOTTOM + 16.0));
    picture = picture.with(text("middle dim", LEFT.midpoint(RIGHT), BOTTOM + 32.0, "epoch"));
    if (1..making.epochs.len()).contains(&making.kept) {
        let at = short(x.place(making.kept as f64));
        picture = picture.with(path("ideal", &format!("M{at} {TOP}V{BOTTOM}")));
    }
    for (i, (part, points)) in drawn.into_iter().enumerate() {
        let place = |&(at, value): &(f64, f64)| format!("{} {}", short(x.place(at)), short(y.place(value)));
        let line = points.iter().map(place).collect::<Vec<_>>().join("L");
        let left = LEFT + 100.0 * i as f64;
        picture = picture
            .with(curve(part, &format!("M{line}")))
            .with(curve(part, &format!("M{left} 12h24")))
            .with(text("", left + 30.0, 16.0, part));
    }
    picture
}

fn curve(part: &str, d: &str) -> Element {
    super::element("path")
        .attr("class", format!("curve {part}"))
        .attr("d", d)
}

/// `loss over 23 epochs: training from 1.09 to 0.031, …`.
fn words(name: &str, parts: &[&(&str, Vec<(f64, f64)>)]) -> String {
    let part = |(part, points): &&(&str, Vec<(f64, f64)>)| {
        let (first, last) = (points.first()?.1, points.last()?.1);
        Some(format!("{part} from {} to {}", number(first), number(last)))
    };
    let parts = parts.iter().filter_map(part).collect::<Vec<_>>().join(", ");
    format!("Curves of the {name} over the epochs: {parts}.")
}
