//! The loss against the learning rate.

use maud::{Markup, html};
use rosenblatt_train::text::rounded;
use rosenblatt_train::{LearningRates, RatePoint, RateRange};

use super::{DIGIT, Plot, Scale, file, short, text};

/// Size of the file, and the ends of the area.
const FILE: [f64; 2] = [720.0, 330.0];
const AREA: [f64; 2] = [100.0, 286.0];

/// The loss and the smoothed loss of every step of a learning-rate range test as an SVG file, for light and dark pages, with
/// the learning rates it suggests.
///
/// # Example
/// ```
/// use rosenblatt_train::{LearningRates, RateRange};
/// let svg = rosenblatt_report::charts::learning_rates("penguins", &LearningRates::new(RateRange::default()));
/// assert!(svg.starts_with("<svg "));
/// ```
#[must_use]
pub fn learning_rates(title: &str, found: &LearningRates) -> String {
    let RateRange { min, max, .. } = found.range();
    let shown = shown(found);
    let losses = shown.iter().flat_map(|point| [point.loss, point.smoothed]);
    let plot = Plot::new(
        Scale::logarithmic(min, max),
        Scale::of_losses(losses.filter(|loss| loss.is_finite())),
        FILE[0],
        AREA,
    );
    let name = if plot.y.is_log() { "loss (log scale)" } else { "loss" };
    let content = html! {
        (text("title", 4.0, 22.0, title))
        (text("", 4.0, 44.0, name))
        (legend())
        (plot.axes())
        (text("middle muted", plot.left.midpoint(plot.right), FILE[1] - 8.0, "learning rate (log scale)"))
        (curve(&plot, &shown, "test", |point| point.loss))
        (curve(&plot, &shown, "training", |point| point.smoothed))
        (mark(&plot, "steepest", found.steepest(), AREA[0] - 20.0))
        (mark(&plot, "minimum / 10", found.minimum_over_10(), AREA[0] - 6.0))
    };
    file(FILE, &format!("Learning rates for {title}"), &content)
}

/// The steps up to the one where the loss diverged: what it was there would flatten all the others.
fn shown(found: &LearningRates) -> Vec<RatePoint> {
    let finite = |point: &&RatePoint| point.loss.is_finite() && point.smoothed.is_finite();
    let points = found.points();
    let end = points.len() - usize::from(found.diverged().is_some() && !points.is_empty());
    points[..end].iter().filter(finite).copied().collect()
}

fn curve(plot: &Plot, points: &[RatePoint], class: &str, loss: fn(&RatePoint) -> f64) -> Markup {
    let line = points.iter().map(|point| plot.point(point.rate, loss(point)));
    let line = line.collect::<Vec<_>>().join("L");
    html! { @if !line.is_empty() { path class={ "curve " (class) } d={ "M" (line) } {} } }
}

/// A dashed line at a learning rate, with its name.
fn mark(plot: &Plot, name: &str, rate: Option<f64>, y: f64) -> Markup {
    html! {
        @if let Some(rate) = rate {
            @let label = format!("{name} {}", rounded(rate));
            @let room = DIGIT * label.len() as f64 / 2.0;
            (plot.vertical(rate))
            (text("middle muted", plot.at_x(rate).clamp(room, FILE[0] - room), y, &label))
        }
    }
}

fn legend() -> Markup {
    html! {
        @for (i, (class, name)) in [("training", "smoothed"), ("test", "of each step")].into_iter().enumerate() {
            @let left = 4.0 + 130.0 * i as f64;
            path class={ "curve " (class) } d={ "M" (short(left)) " 60h22" } {}
            (text("", left + 28.0, 64.0, name))
        }
    }
}
