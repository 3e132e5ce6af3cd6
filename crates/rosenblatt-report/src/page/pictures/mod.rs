//! ImageGroup of a page: small, so that their letters are still letters on a phone.

mod curves;
mod errors;
mod reliability;
mod scatter;

use super::markup::{Element, element, of};
use crate::plot::Scale;

pub(super) use curves::curves;
pub(super) use errors::errors;
pub(super) use reliability::reliability;
pub(super) use scatter::scatter;

/// Width of all pictures, in their own units: about the width of a phone.
const WIDTH: f64 = 360.0;
/// Left and right ends of the axes.
const LEFT: f64 = 48.0;
const RIGHT: f64 = 348.0;

/// A picture with a text for those who do not see it.
fn picture(height: f64, words: &str) -> Element {
    element("svg")
        .attr("viewBox", format!("0 0 {WIDTH} {height}"))
        .attr("width", WIDTH)
        .attr("height", height)
        .attr("role", "img")
        .attr("aria-label", words)
}

fn text(class: &'static str, x: f64, y: f64, words: &str) -> Element {
    of("text", words).class(class).attr("x", short(x)).attr("y", short(y))
}

fn path(class: &'static str, d: &str) -> Element {
    element("path").class(class).attr("d", d)
}

/// Lines across at the ticks, with their values to the left.
fn rows_of_grid(y: &Scale) -> Vec<Element> {
    let tick = |(at, label): (f64, String)| {
        let line = path("grid", &format!("M{LEFT} {}H{RIGHT}", short(at)));
        [line, text("end dim", LEFT - 6.0, at + 4.0, &label)]
    };
    y.ticks().flat_map(tick).collect()
}

/// Values of the ticks below the picture.
fn labels_below(x: &Scale, y: f64) -> Vec<Element> {
    x.ticks().map(|(at, label)| text("middle dim", at, y, &label)).collect()
}

/// One digit after the point is finer than any screen.
fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}
