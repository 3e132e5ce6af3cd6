//! Learning curves and settings.

use maud::{Markup, html};
use rosenblatt_train::text::{count, grouped};

use super::{definitions, figure, table};
use crate::{EpochMetrics, Training, charts};

pub(super) fn section(training: &Training) -> Markup {
    let epochs = &training.epochs;
    let best = EpochMetrics::best(epochs, training.best_epoch);
    let metric = EpochMetrics::metric(epochs);
    let better = if metric == "accuracy" { "higher" } else { "lower" };
    let loss = format!(
        "Loss by epoch. {} If the validation loss rises while the training loss falls, the model overfits.",
        training.training_loss
    );
    html! {
        p {
            "Training ran for " (count(EpochMetrics::last(epochs), "epoch")) "."
            @if training.every > 1 { " The charts show every " (grouped(training.every as u64)) "th epoch." }
            @if let Some(best) = best {
                " The parameters are those of epoch " (best) ", which has the lowest validation loss (dashed line)."
            }
            " The network has " (count(training.features, "input feature")) " and " (grouped(training.parameters as u64))
            " parameters."
        }
        div.pair {
            (figure(&charts::curves(epochs, best, "loss"), &loss))
            (figure(
                &charts::curves(epochs, best, metric),
                &format!("{} by epoch; {better} is better.", capital(definitions::title(metric))),
            ))
        }
    }
}

/// Settings with their origin, and all of them as a run file.
pub(super) fn settings(training: &Training) -> Markup {
    let rows = html! {
        @for setting in &training.settings {
            tr {
                th scope="row" { code { (setting.name) } }
                td data-label="value" { code { (setting.value) } }
                td data-label="origin" { (setting.origin) }
            }
        }
    };
    let caption = format!(
        "Every setting, its value and where it came from ({}).",
        training.decided_by
    );
    html! {
        (table(Some("cards"), &caption, &["setting", "value", "origin"], &rows))
        details { summary { "Run file" } pre { code { (training.run_file) } } }
    }
}

/// The first letter in upper case.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
