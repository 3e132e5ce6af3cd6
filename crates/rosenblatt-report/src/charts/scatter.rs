//! Predicted against true values.

use maud::{Markup, html};

use super::{Plot, Scale, WIDTH, chart};
use crate::Regression;

/// A dot for each row, and the diagonal on which predictions are exact.
pub(crate) fn scatter(regression: &Regression, target: &str) -> Markup {
    let is_finite = |point: &&[f64; 2]| point.iter().all(|value| value.is_finite());
    let points: Vec<&[f64; 2]> = regression.points.iter().filter(is_finite).collect();
    let scale = || Scale::linear(points.iter().copied().flatten().copied());
    let plot = Plot::new(scale(), scale(), WIDTH, [28.0, 296.0]);
    let dots = points.iter().map(|[t, p]| format!("M{}h0", plot.point(*t, *p)));
    let description = format!(
        "Scatter plot of predicted against true values of {target}, {} rows; on the dashed diagonal they are equal.",
        regression.points.len()
    );
    chart(
        336.0,
        &description,
        &html! {
            (plot.axes())
            (plot.names("true", "predicted"))
            path class="dots" d=(dots.collect::<String>()) {}
            (plot.diagonal())
        },
    )
}
