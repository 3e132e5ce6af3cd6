//! Learning curves and settings.

use maud::{Markup, html};
use rosenblatt_train::text::{count, grouped};

use super::{figure, metrics, table};
use crate::{EpochMetrics, Training, charts};

/// Titles of settings whose short name is no ordinary word.
const TITLES: [(&str, &str); 7] = [
    ("valid-fraction", "validation fraction"),
    ("hidden", "hidden layers"),
    ("scale-target", "target scaling"),
    ("lr", "learning rate"),
    ("batch-size", "batch size"),
    ("early-stopping", "early stopping"),
    ("weight-decay", "weight decay"),
];

pub(super) fn section(training: &Training) -> Markup {
    let epochs = &training.epochs;
    let best = EpochMetrics::best(epochs, training.best_epoch);
    let metric = EpochMetrics::metric(epochs);
    let better = if metric == "accuracy" { "higher" } else { "lower" };
    let loss = "Loss by epoch. The training loss is the mean over the batches of an epoch, while the weights still change. If \
                the validation loss rises while the training loss falls, the model overfits.";
    html! {
        p {
            "Training ran for " (count(epochs.len(), "epoch")) "."
            @if let Some(best) = best {
                " The parameters are those of epoch " (best) ", which has the lowest validation loss (dashed line)."
            }
            " The network has " (count(training.features, "input feature")) " and " (grouped(training.parameters as u64))
            " parameters."
        }
        div.pair {
            (figure(&charts::curves(epochs, best, "loss"), loss))
            (figure(
                &charts::curves(epochs, best, metric),
                &format!("{} by epoch; {better} is better.", capital(metrics::title(metric))),
            ))
        }
    }
}

/// Settings with their origin, and all of them as a run file.
pub(super) fn settings(training: &Training) -> Markup {
    let title = |name: &str| {
        TITLES
            .iter()
            .find(|(key, _)| *key == name)
            .map_or_else(|| name.to_owned(), |(_, title)| (*title).to_owned())
    };
    let rows = html! {
        @for setting in &training.settings {
            tr {
                th scope="row" { (title(&setting.name)) }
                td data-label="value" { code { (setting.value) } }
                td data-label="reason" { (capital(&setting.origin)) }
            }
        }
    };
    let caption = format!("Settings chosen by {}.", training.decided_by);
    html! {
        @if training.settings.is_empty() { p { "All settings were given (" (training.decided_by) ")." } }
        @else { (table(Some("cards"), &caption, &["setting", "value", "reason"], &rows)) }
        details { summary { "All settings as a run file" } pre { code { (training.run_file) } } }
    }
}

/// The first letter in upper case.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
