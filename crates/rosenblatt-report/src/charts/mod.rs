//! Charts: SVG with classes, shared by the page and by files of their own.
//!
//! On a page, colors are CSS variables. A file has their values in its style sheet, once for light and once for dark pages,
//! since not every program that shows SVG knows variables.

mod curves;
mod graph;
mod histogram;
mod pixels;
mod rates;
mod reliability;
mod scale;
mod scatter;
mod sizes;
mod tiles;

use maud::{Markup, PreEscaped, html};
use scale::Scale;

use crate::{clean, minus};

pub(crate) use curves::curves;
pub use curves::training_curves;
pub use graph::{GraphBox, graph};
pub(crate) use histogram::histogram;
pub use rates::learning_rates;
pub(crate) use reliability::reliability;
pub(crate) use scatter::scatter;
pub use sizes::learning_curve;
pub use tiles::{Tile, TileGrid, tile_grids};

/// Width of the charts of a page, in their own units: about the width of a phone, so that their letters can be read there.
const WIDTH: f64 = 360.0;

/// About the width of a digit of a label.
const DIGIT: f64 = 7.0;

/// Classes of charts, colored by [`COLORS`].
pub(crate) const STYLE: &str = include_str!("style.css");

/// Names of colors, with their values on light and on dark pages. Contrast is at least 4.5 to 1 for text.
pub(crate) const COLORS: [(&str, [&str; 2]); 9] = [
    ("paper", ["#ffffff", "#0d1117"]),
    ("ink", ["#1f2328", "#e6edf3"]),
    ("muted", ["#57606a", "#9aa4af"]),
    ("card", ["#f3f5f8", "#161b22"]),
    ("line", ["#d0d7de", "#3d444d"]),
    ("accent", ["#0550ae", "#79c0ff"]),
    ("training", ["#0550ae", "#79c0ff"]),
    ("validation", ["#bc4c00", "#ffa657"]),
    ("test", ["#1a7f37", "#7ee787"]),
];

/// Two axes and the place of the area between them.
struct Plot {
    x: Scale,
    y: Scale,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Plot {
    /// An area of a chart of some width; left and right of it there is room for the labels of the ticks.
    fn new(x: Scale, y: Scale, width: f64, [top, bottom]: [f64; 2]) -> Self {
        Self {
            left: 14.0 + longest(&y.ticks()),
            right: width - 6.0 - longest(&x.ticks()) / 2.0,
            x,
            y,
            top,
            bottom,
        }
    }

    fn at_x(&self, value: f64) -> f64 {
        self.left + self.x.position(value) * (self.right - self.left)
    }

    fn at_y(&self, value: f64) -> f64 {
        self.bottom - self.y.position(value) * (self.bottom - self.top)
    }

    /// A point, as in the data of a path.
    fn point(&self, x: f64, y: f64) -> String {
        format!("{} {}", short(self.at_x(x)), short(self.at_y(y)))
    }

    /// Grid lines with the values of the vertical axis, and the values of the horizontal axis, as many as have room.
    fn axes(&self) -> Markup {
        let columns = self.x.ticks();
        let room = (self.right - self.left) / (longest(&columns) + 10.0);
        let every = (columns.len() as f64 / room.max(1.0)).ceil().max(1.0) as usize;
        html! {
            (self.horizontal(self.bottom))
            @for (position, label) in self.y.ticks() {
                @let y = self.bottom - position * (self.bottom - self.top);
                (self.horizontal(y))
                (text("end muted", self.left - 6.0, y + 4.0, &minus(&label)))
            }
            @for (position, label) in columns.iter().step_by(every) {
                (text("middle muted", self.left + position * (self.right - self.left), self.bottom + 16.0, &minus(label)))
            }
        }
    }

    /// A line of the grid.
    fn horizontal(&self, y: f64) -> Markup {
        html! { path class="grid" d={ "M" (short(self.left)) " " (short(y)) "H" (short(self.right)) } {} }
    }

    /// A dashed line from the lower left to the upper right, where both axes are equal.
    fn diagonal(&self) -> Markup {
        let ends = [self.left, self.bottom, self.right, self.top].map(short);
        html! { path class="guide" d={ "M" (ends[0]) " " (ends[1]) "L" (ends[2]) " " (ends[3]) } {} }
    }

    /// A dashed line from the top to the bottom.
    fn vertical(&self, x: f64) -> Markup {
        html! { path class="guide" d={ "M" (short(self.at_x(x))) " " (short(self.top)) "V" (short(self.bottom)) } {} }
    }

    /// Names of the axes: of the vertical one above it, of the horizontal one below its right end.
    fn names(&self, x: &str, y: &str) -> Markup {
        html! { (text("", 4.0, 14.0, y)) (text("end", self.right, self.bottom + 34.0, x)) }
    }
}

/// About the width of the longest label.
fn longest(ticks: &[(f64, String)]) -> f64 {
    let letters = ticks.iter().map(|(_, label)| label.chars().count()).max();
    DIGIT * letters.unwrap_or_default() as f64
}

/// A chart of a page, with a text for those who do not see it.
fn chart(height: f64, description: &str, content: &Markup) -> Markup {
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (height) } width=(WIDTH) height=(height) role="img" aria-label=(description) {
            (content)
        }
    }
}

/// A file of its own, for light and dark pages.
fn file([width, height]: [f64; 2], title: &str, content: &Markup) -> String {
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (width) " " (height) } role="img" {
            title { (title) }
            style { (PreEscaped(resolved(0))) "@media (prefers-color-scheme: dark) {" (PreEscaped(resolved(1))) "}" }
            rect width=(width) height=(height) class="paper" {}
            (content)
        }
    };
    clean(&svg.into_string()) + "\n"
}

/// The style sheet with colors in the place of variables.
fn resolved(scheme: usize) -> String {
    COLORS.iter().fold(STYLE.to_owned(), |sheet, (name, values)| {
        sheet.replace(&format!("var(--{name})"), values[scheme])
    })
}

fn text(class: &str, x: f64, y: f64, words: &str) -> Markup {
    html! { text class=[(!class.is_empty()).then_some(class)] x=(short(x)) y=(short(y)) { (words) } }
}

/// One digit after the point is finer than any screen.
fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}
