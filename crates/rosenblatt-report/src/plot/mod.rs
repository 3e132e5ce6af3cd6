//! Curves of a run as a picture: one SVG that needs nothing else, for light and dark pages.

mod scale;

use std::fmt::Write;

use crate::EpochFigures;
use rosenblatt_train::text::{escaped, number};
use rosenblatt_train::{Metrics, Record};

pub(crate) use scale::Scale;

/// Size of the picture.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 572.0;
/// Edges of both panels, and the height of one.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 560.0;
const PANEL: f64 = 200.0;
/// Tops of the panels.
const TOPS: [f64; 2] = [60.0, 316.0];
/// What does not depend on the page.
const STYLE: &str = "svg{font:13px system-ui,sans-serif}\
    .curve{fill:none;stroke-width:2;stroke-linejoin:round}.title{font-size:16px;font-weight:600}\
    .end{text-anchor:end}.middle{text-anchor:middle}";

/// Colors on light pages and on dark ones: the background, the text, the lines of the grid.
const PAGE: [[&str; 3]; 2] = [["#ffffff", "#1f2328", "#d8dee4"], ["#0d1117", "#e6edf3", "#30363d"]];

/// A part of the data, as it is drawn.
pub(crate) struct Series {
    pub(crate) name: &'static str,
    /// On light pages and on dark ones; they differ in lightness too.
    pub(crate) colors: [&'static str; 2],
    /// Its figures of an epoch.
    pub(crate) of: fn(&EpochFigures) -> Option<&Metrics>,
}

impl Series {
    /// Epochs and a value of each, where it is a number.
    pub(crate) fn points(&self, epochs: &[EpochFigures], name: &str) -> Vec<(f64, f64)> {
        let point = |epoch: &EpochFigures| Some((epoch.epoch as f64, (self.of)(epoch)?.get(name)?));
        epochs.iter().filter_map(point).filter(|(_, y)| y.is_finite()).collect()
    }
}

/// The parts of the data, in the order of their use.
pub(crate) const SERIES: [Series; 3] = [
    Series {
        name: "training",
        colors: ["#0550ae", "#79c0ff"],
        of: |epoch| Some(&epoch.train),
    },
    Series {
        name: "validation",
        colors: ["#bc4c00", "#ffa657"],
        of: |epoch| epoch.valid.as_ref(),
    },
    Series {
        name: "test",
        colors: ["#1a7f37", "#7ee787"],
        of: |epoch| epoch.test.as_ref(),
    },
];

/// The style sheet: plain classes, since not every viewer knows variables.
fn style() -> String {
    let colors = |dark: usize| {
        let [paper, ink, grid] = PAGE[dark];
        let series = SERIES.iter().map(|Series { name, colors, .. }| {
            let color = colors[dark];
            format!("polyline.{name}{{stroke:{color}}}circle.{name},text.{name}{{fill:{color}}}")
        });
        format!(
            ".paper{{fill:{paper}}}text{{fill:{ink}}}.grid{{stroke:{grid}}}{}",
            series.collect::<String>()
        )
    };
    format!(
        "<style>{STYLE}{}@media(prefers-color-scheme:dark){{{}}}</style>",
        colors(0),
        colors(1)
    )
}

/// Loss and score of every epoch, for each part of the data.
///
/// # Example
/// ```
/// let svg = rosenblatt_report::plot::curves("penguins", &[]);
/// assert!(svg.starts_with("<svg "));
/// ```
#[must_use]
pub fn curves(title: &str, epochs: &[Record]) -> String {
    let mut svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">\n");
    let _ = writeln!(svg, "<title>Training on {}</title>", escaped(title));
    let _ = writeln!(svg, "{}", style());
    let _ = writeln!(svg, "<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" class=\"paper\"/>");
    let _ = writeln!(
        svg,
        "<text class=\"title\" x=\"{LEFT}\" y=\"26\">{}</text>",
        escaped(title)
    );
    let score = epochs
        .first()
        .and_then(|epoch| epoch.train.score())
        .map_or("score", |(name, _)| name);
    let epochs: Vec<_> = epochs.iter().map(EpochFigures::of).collect();
    panel(&mut svg, TOPS[0], "loss", &epochs);
    panel(&mut svg, TOPS[1], score, &epochs);
    let (x, y) = (LEFT.midpoint(RIGHT), HEIGHT - 10.0);
    let _ = writeln!(svg, "<text class=\"middle\" x=\"{x}\" y=\"{y}\">epoch</text>");
    svg + "</svg>\n"
}

/// One quantity over the epochs, a curve for each part.
fn panel(svg: &mut String, top: f64, name: &str, epochs: &[EpochFigures]) {
    let all: Vec<Vec<(f64, f64)>> = SERIES.iter().map(|series| series.points(epochs, name)).collect();
    let x = Scale::of_epochs(epochs.len(), LEFT, RIGHT);
    let y = Scale::of_values(all.iter().flatten().map(|point| point.1), top + PANEL, top);
    grid(svg, top, &x, &y);
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"{}\">{name}</text>", top - 6.0);
    // Names stand beside the ends of their curves, moved apart where those meet.
    let mut lowest = f64::NEG_INFINITY;
    let mut ends: Vec<_> = SERIES
        .iter()
        .zip(&all)
        .filter_map(|(series, points)| Some((series, points, points.last()?)))
        .collect();
    ends.sort_by(|a, b| b.2.1.total_cmp(&a.2.1));
    for (series, points, end) in ends {
        let name = series.name;
        let place = |&(at, value): &(f64, f64)| (x.place(at), y.place(value));
        let path = points
            .iter()
            .map(place)
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect::<Vec<_>>()
            .join(" ");
        let _ = writeln!(svg, "<polyline class=\"curve {name}\" points=\"{path}\"/>");
        let (at, height) = place(end);
        let _ = writeln!(
            svg,
            "<circle class=\"{name}\" cx=\"{at:.1}\" cy=\"{height:.1}\" r=\"3\"/>"
        );
        lowest = (height + 4.0).max(lowest + 15.0);
        let (at, label) = (RIGHT + 8.0, format!("{name} {}", number(end.1)));
        let _ = writeln!(
            svg,
            "<text class=\"{name}\" x=\"{at}\" y=\"{lowest:.1}\">{label}</text>"
        );
    }
}

fn grid(svg: &mut String, top: f64, x: &Scale, y: &Scale) {
    for (at, label) in y.ticks() {
        let _ = writeln!(svg, "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{RIGHT}\"/>");
        let (left, middle) = (LEFT - 8.0, at + 4.0);
        let _ = writeln!(svg, "<text class=\"end\" x=\"{left}\" y=\"{middle:.1}\">{label}</text>");
    }
    let below = top + PANEL + 18.0;
    for (at, label) in x.ticks() {
        let _ = writeln!(svg, "<text class=\"middle\" x=\"{at:.1}\" y=\"{below}\">{label}</text>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(losses: &[f64]) -> Vec<Record> {
        let metrics = |loss| Metrics::from_iter([("loss", loss), ("accuracy", 1.0 - loss / 10.0)]);
        let epoch = |(i, &loss): (usize, &f64)| Record::new(i + 1, metrics(loss), Some(metrics(loss * 1.5)), None, 0.0);
        losses.iter().enumerate().map(epoch).collect()
    }

    #[test]
    fn every_part_has_a_curve_in_each_panel_and_all_points_are_inside() {
        for losses in [
            &[3.0, 2.0, 1.0, 0.5][..],
            &[0.5],
            &[],
            &[1.0, 1.0],
            &[1e-9, 2e-9],
            &[1e12, 1.0],
        ] {
            let svg = curves("a <b> & \"c\"\0", &epochs(losses));
            assert_eq!(
                svg.matches("<polyline").count(),
                if losses.is_empty() { 0 } else { 4 },
                "{losses:?}"
            );
            assert!(svg.contains("a &lt;b&gt; &amp; &quot;c&quot;\u{fffd}") && svg.contains("prefers-color-scheme"));
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            for points in svg.split("points=\"").skip(1) {
                for point in points.split('"').next().unwrap().split(' ') {
                    let (x, y) = point.split_once(',').unwrap();
                    let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
                    assert!((LEFT..=RIGHT).contains(&x), "{losses:?} {x}");
                    assert!(
                        TOPS.iter().any(|top| (*top..=top + PANEL).contains(&y)),
                        "{losses:?} {y}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_falling_loss_goes_down_the_page() {
        let svg = curves("x", &epochs(&[3.0, 1.0]));
        let first = svg.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
        let ys: Vec<f64> = first
            .split(' ')
            .map(|point| point.split_once(',').unwrap().1.parse().unwrap())
            .collect();
        assert!(ys[0] < ys[1], "{ys:?}");
    }
}
