//! How the model was made: curves, and settings with their reasons.

use super::markup::{Element, Markup, element, of};
use super::{pictures, table};
use crate::Making;
use rosenblatt_train::presets::Choice;
use rosenblatt_train::text::{count, grouped};

/// How settings are called where people read; others keep their name.
const TITLES: [(&str, &str); 8] = [
    ("hidden", "hidden layers"),
    ("activation", "activation"),
    ("scale_target", "scale of the target"),
    ("optimizer", "optimizer"),
    ("lr", "learning rate"),
    ("schedule", "schedule"),
    ("batch-size", "rows in a step"),
    ("early-stopping", "early stopping"),
];

pub(super) fn section(making: &Making) -> Markup {
    let last = making.epochs.len();
    let kept = match making.kept {
        kept if kept < last => format!(
            "Training took {}; the parameters are those of epoch {kept} (dashed line), when the validation loss was lowest.",
            count(last, "epoch")
        ),
        _ => format!("Training took {}.", count(last, "epoch")),
    };
    let size = format!(
        "{kept} The network takes {} for a row and has {} parameters.",
        count(making.features, "number"),
        grouped(making.parameters as u64)
    );
    let score = making
        .epochs
        .first()
        .and_then(|epoch| epoch.train.score())
        .map_or("score", |(name, _)| name);
    let figure = |picture: Element, words: String| of("figure", picture).with(of("figcaption", words));
    let loss = pictures::curves(making, "loss");
    let scores = pictures::curves(making, score);
    let better = if score == "accuracy" { "higher" } else { "lower" };
    let notes = "What training makes small. Figures of the training rows are means over an epoch, while the model still \
                 changes. If the curve of rows it does not learn from turns up while theirs goes on falling, the model \
                 learns its rows by heart.";
    let pair = element("div")
        .class("pair")
        .with(figure(loss, format!("Loss by epoch. {notes}")))
        .with(figure(
            scores,
            format!(
                "{} by epoch; {better} is better.",
                capital(super::metrics::title(score))
            ),
        ));
    [
        of("p", size).into(),
        Markup::from(pair),
        of("h3", "Settings").into(),
        settings(making),
    ]
    .into_iter()
    .collect()
}

fn settings(making: &Making) -> Markup {
    let line = |choice: &Choice| {
        let title = TITLES
            .iter()
            .find(|(key, _)| *key == choice.key)
            .map_or(choice.key, |(_, title)| title);
        let why = of("td", capital(&choice.reason)).attr("data-label", "why");
        super::row(title, [])
            .with(of("td", of("code", &choice.value)).attr("data-label", "value"))
            .with(why)
    };
    let caption = format!("What was left open and decided by {}, and why.", making.decided_by);
    let chosen = table(&caption, &["setting", "value", "why"], making.choices.iter().map(line)).class("cards");
    let none = format!(
        "Nothing was left to choose: the settings are those given, by {}, and defaults.",
        making.decided_by
    );
    let chosen: Markup = if making.choices.is_empty() {
        of("p", none).into()
    } else {
        chosen.into()
    };
    let all = of("summary", "All settings, as a run file");
    let file = element("details")
        .with(all)
        .with(of("pre", of("code", &making.run_file)));
    [chosen, file.into()].into_iter().collect()
}

/// A sentence begins with a capital letter.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
