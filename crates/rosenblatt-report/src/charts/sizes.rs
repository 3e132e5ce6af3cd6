//! The loss against the number of training rows.

use maud::{Markup, html};
use rosenblatt_train::{LearningCurve, LearningPoint, Metrics, mean_and_std};

use super::{Plot, Scale, file, short, text};

/// Size of the file, and the ends of the area.
const FILE: [f64; 2] = [720.0, 330.0];
const AREA: [f64; 2] = [84.0, 286.0];

/// The rows of a part, by repetition.
type Part = fn(&LearningPoint) -> &[Metrics];

/// The curves: their name, which is also the class.
const CURVES: [(&str, Part); 2] = [("training", |point| &point.train), ("validation", |point| &point.valid)];

/// Training and validation loss against the number of training rows as an SVG file, for light and dark pages: the mean of the
/// repetitions, with bars from the smallest to the largest.
///
/// # Example
/// ```
/// use rosenblatt_train::LearningCurve;
/// let svg = rosenblatt_report::charts::learning_curve("penguins", &LearningCurve::new(Vec::new(), 10));
/// assert!(svg.starts_with("<svg "));
/// ```
#[must_use]
pub fn learning_curve(title: &str, curve: &LearningCurve) -> String {
    let rows = curve.points().iter().map(|point| point.rows as f64);
    let all = curve
        .points()
        .iter()
        .flat_map(|point| CURVES.map(|(_, part)| losses(part(point))));
    let values: Vec<f64> = all.flatten().collect();
    let plot = Plot::new(
        Scale::linear(std::iter::once(0.0).chain(rows)),
        Scale::of_losses(values.iter().copied()),
        FILE[0],
        AREA,
    );
    let name = if plot.y.is_log() { "loss (log scale)" } else { "loss" };
    let content = html! {
        (text("title", 4.0, 22.0, title))
        (text("", 4.0, 44.0, name))
        (legend())
        (plot.axes())
        (text("middle muted", plot.left.midpoint(plot.right), FILE[1] - 8.0, "training rows"))
        @for (class, part) in CURVES { (line(&plot, curve.points(), class, part)) }
    };
    file(FILE, &format!("Learning curve of {title}"), &content)
}

/// Losses that can be drawn.
fn losses(metrics: &[Metrics]) -> Vec<f64> {
    let losses = metrics.iter().map(Metrics::loss);
    losses.filter(|loss| loss.is_finite()).collect()
}

/// The means of a part, and a bar for each size.
fn line(plot: &Plot, points: &[LearningPoint], class: &str, part: Part) -> Markup {
    let sizes = points.iter().map(|point| (point.rows as f64, losses(part(point))));
    let sizes: Vec<_> = sizes.filter(|(_, losses)| !losses.is_empty()).collect();
    let means = sizes
        .iter()
        .map(|(rows, losses)| plot.point(*rows, mean_and_std(losses).0));
    let means = means.collect::<Vec<_>>().join("L");
    let ends = |losses: &[f64]| {
        let ends = [
            losses.iter().copied().reduce(f64::min),
            losses.iter().copied().reduce(f64::max),
        ];
        ends.map(|end| short(plot.at_y(end.unwrap_or_default())))
    };
    html! {
        @if !means.is_empty() { path class={ "curve " (class) } d={ "M" (means) } {} }
        @for (rows, losses) in &sizes {
            @let (x, [low, high]) = (short(plot.at_x(*rows)), ends(losses));
            path class={ "spread " (class) } d={ "M" (x) " " (low) "V" (high) } {}
            circle class=(class) cx=(x) cy=(short(plot.at_y(mean_and_std(losses).0))) r="3" {}
        }
    }
}

fn legend() -> Markup {
    html! {
        @for (i, (class, _)) in CURVES.into_iter().enumerate() {
            @let left = 4.0 + 130.0 * i as f64;
            path class={ "curve " (class) } d={ "M" (short(left)) " 60h22" } {}
            (text("", left + 28.0, 64.0, class))
        }
    }
}
