//! Learning curves: a metric over the epochs.

use maud::{Markup, html};
use rosenblatt_train::text::rounded;
use rosenblatt_train::{Metrics, Record};

use super::{DIGIT, Plot, Scale, WIDTH, chart, file, short, text};
use crate::EpochMetrics;

/// Size of a file with two charts.
const FILE: [f64; 2] = [720.0, 600.0];
/// Heights of a chart, from its title to the name of its lower axis, and of the room above and below the area.
const HEIGHT: f64 = 264.0;
const ABOVE: f64 = 60.0;
const BELOW: f64 = 40.0;

/// Points of each split: its name, which is also the class of its curve, and pairs of epoch and value.
type Series = (&'static str, Vec<[f64; 2]>);

/// The metrics of a split in an epoch.
type MetricsOf = fn(&EpochMetrics) -> Option<&Metrics>;

/// The finite values of a metric, for each split that has some.
fn series(epochs: &[EpochMetrics], metric: &str) -> Vec<Series> {
    let splits: [(_, MetricsOf); 3] = [
        ("training", |epoch| Some(&epoch.train)),
        ("validation", |epoch| epoch.valid.as_ref()),
        ("test", |epoch| epoch.test.as_ref()),
    ];
    let of = |metrics: MetricsOf| {
        let point = |epoch: &EpochMetrics| Some([epoch.epoch as f64, metrics(epoch)?.get(metric)?]);
        let points = epochs.iter().filter_map(point);
        points.filter(|[_, value]| value.is_finite()).collect::<Vec<_>>()
    };
    let all = splits.map(|(name, metrics)| (name, of(metrics)));
    all.into_iter().filter(|(_, points)| !points.is_empty()).collect()
}

/// A chart of a page.
pub(crate) fn curves(epochs: &[EpochMetrics], best: Option<usize>, metric: &str) -> Markup {
    let series = series(epochs, metric);
    let plot = plot(&series, EpochMetrics::last(epochs), metric, [WIDTH, 0.0]);
    let part = |(split, points): &Series| {
        let (first, last) = (points.first()?[1], points.last()?[1]);
        Some(format!("{split} from {} to {}", rounded(first), rounded(last)))
    };
    let description = series.iter().filter_map(part).collect::<Vec<_>>().join(", ");
    let description = format!("Curves of the {metric} over the epochs: {description}.");
    chart(HEIGHT, &description, &panel(&plot, &series, best, metric, WIDTH))
}

/// The axes of a chart of some width, below `top`.
fn plot(series: &[Series], epochs: usize, metric: &str, [width, top]: [f64; 2]) -> Plot {
    let values = series.iter().flat_map(|(_, points)| points).map(|point| point[1]);
    let y = if metric == "loss" {
        Scale::of_losses(values)
    } else {
        Scale::linear(values)
    };
    Plot::new(Scale::of_epochs(epochs), y, width, [top + ABOVE, top + HEIGHT - BELOW])
}

/// Axes, curves, their legend and the best epoch.
fn panel(plot: &Plot, series: &[Series], best: Option<usize>, metric: &str, width: f64) -> Markup {
    let title = format!("{metric}{}", if plot.y.is_log() { " (log scale)" } else { "" });
    let top = plot.top - ABOVE;
    let below = top + HEIGHT - 6.0;
    html! {
        (text("", 4.0, top + 14.0, &title))
        (legend(series, [width, top + 34.0]))
        (plot.axes())
        (text("middle muted", plot.left.midpoint(plot.right), below, "epoch"))
        @if let Some(best) = best {
            @let x = plot.at_x(best as f64);
            @let room = DIGIT * format!("best epoch {best}").len() as f64 / 2.0;
            (plot.vertical(best as f64))
            (text("middle muted", x.clamp(room, width - room), plot.top - 6.0, &format!("best epoch {best}")))
        }
        @for (split, points) in series {
            @let line = points.iter().map(|&[x, y]| plot.point(x, y)).collect::<Vec<_>>().join("L");
            path class={ "curve " (split) } d={ "M" (line) } {}
            @if let Some(&[x, y]) = points.last() {
                circle class=(split) cx=(short(plot.at_x(x))) cy=(short(plot.at_y(y))) r="3" {}
            }
        }
    }
}

/// Names of the curves; of a wide chart with their last values.
fn legend(series: &[Series], [width, y]: [f64; 2]) -> Markup {
    html! {
        @for (i, (split, points)) in series.iter().enumerate() {
            @let left = 4.0 + width * 0.3 * i as f64;
            @let last = points.last().map_or(f64::NAN, |point| point[1]);
            path class={ "curve " (split) } d={ "M" (short(left)) " " (short(y - 4.0)) "h22" } {}
            (text("", left + 28.0, y, &if width > WIDTH { format!("{split} {}", rounded(last)) } else { (*split).to_owned() }))
        }
    }
}

/// Loss and metric of every epoch as an SVG file, for light and dark pages; `best` is the epoch (from 1) whose parameters the
/// model has, which is marked if there are validation rows.
///
/// # Example
/// ```
/// let svg = rosenblatt_report::charts::training_curves("penguins", &[], 0);
/// assert!(svg.starts_with("<svg "));
/// ```
#[must_use]
pub fn training_curves(title: &str, epochs: &[Record], best: usize) -> String {
    let epochs: Vec<_> = epochs.iter().map(EpochMetrics::of).collect();
    let best = EpochMetrics::best(&epochs, best);
    let [width, _] = FILE;
    let metrics = ["loss", EpochMetrics::metric(&epochs)];
    let series = metrics.map(|metric| series(&epochs, metric));
    let tops = [40.0, 64.0 + HEIGHT];
    let mut plots = [0, 1].map(|i| plot(&series[i], EpochMetrics::last(&epochs), metrics[i], [width, tops[i]]));
    let left = plots[0].left.max(plots[1].left);
    plots.iter_mut().for_each(|plot| plot.left = left);
    let content = html! {
        (text("title", 4.0, 22.0, title))
        @for i in 0..2 { (panel(&plots[i], &series[i], best, metrics[i], width)) }
    };
    file(FILE, &format!("Training on {title}"), &content)
}
