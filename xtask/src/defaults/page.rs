//! The page.

use std::fmt::Write;

use super::questions::{Change, Question};
use super::{Score, Scores};
use crate::bench::today;
use crate::shell::Outcome;
use crate::trial::mean;

/// What every page says first.
const PREFACE: &str = "# What `--preset auto` chooses, and why\n\n\
    Written by `cargo xtask defaults`. Each line changes one setting and leaves the others to the preset. Of the training\n\
    rows of `cargo xtask tables` a fifth is held out for validation: test rows are never seen. The tables are the ten of\n\
    [tables.md](tables.md) and twenty more, from packages of Python.\n\n\
    - **log loss**: how many hundredths more than with the preset, as a mean over the tables of classes; below 0 is better.\n\
    - **RMSE**: how many hundredths of the target's standard deviation more, as a mean over the tables of numbers.\n\
    - **accuracy**: how many hundredths more, as a mean over the tables of classes; above 0 is better.\n\
    - **best**, **worst**: the table that gains or loses most by the change, in its log loss or RMSE.\n\n";

/// The preface, and what the preset reaches.
///
/// # Errors
/// If the date cannot be had.
pub fn head(chosen: &Scores) -> Outcome<String> {
    let mut text = format!("{PREFACE}Measured {}. With the preset:\n\n", today()?);
    text += "| table | log loss, or RMSE by the deviation of the target | accuracy | seconds on one thread |\n|---|---|---|---|\n";
    for (name, score) in chosen {
        let accuracy = score
            .accuracy
            .map_or(String::new(), |accuracy| format!("{accuracy:.4}"));
        writeln!(
            text,
            "| {name} | {:.4} | {accuracy} | {:.2} |",
            score.error, score.seconds
        )?;
    }
    Ok(text)
}

/// A question, what was found, and what follows.
pub fn section(question: &Question, chosen: &Scores, answers: &[(&Change, Scores)]) -> String {
    let mut text = format!(
        "\n## `{}`: {}\n\n| instead | log loss | RMSE | accuracy | best | worst |\n|---|---|---|---|---|---|\n",
        question.key, question.chosen
    );
    for (change, scores) in answers {
        text += &line(change, chosen, scores);
    }
    if !question.answer.is_empty() {
        text += &format!("\n{}\n", question.answer);
    }
    text
}

fn line(change: &Change, chosen: &Scores, scores: &Scores) -> String {
    let pairs: Vec<(&str, &Score, &Score)> = chosen.iter().zip(scores).map(|(a, b)| (a.0, &a.1, &b.1)).collect();
    let more = |(_, before, after): &(&str, &Score, &Score)| 100.0 * (after.error - before.error);
    let of = |is_classes: bool| {
        let pairs = pairs
            .iter()
            .filter(|(_, before, _)| before.accuracy.is_some() == is_classes);
        mean(&pairs.map(more).collect::<Vec<_>>())
    };
    let gains = |(_, before, after): &(&str, &Score, &Score)| Some(100.0 * (after.accuracy? - before.accuracy?));
    let by_more = |a: &&(&str, &Score, &Score), b: &&(&str, &Score, &Score)| more(a).total_cmp(&more(b));
    let show = |pair: Option<&(&str, &Score, &Score)>| {
        pair.map_or(String::new(), |pair| format!("{} {:+.1}", pair.0, more(pair)))
    };
    format!(
        "| {change} | {:+.2} | {:+.2} | {:+.2} | {} | {} |\n",
        of(true),
        of(false),
        mean(&pairs.iter().filter_map(gains).collect::<Vec<_>>()),
        show(pairs.iter().min_by(by_more)),
        show(pairs.iter().max_by(by_more))
    )
}

#[cfg(test)]
mod tests {
    use super::{Change, Score, line};

    #[test]
    fn a_line_compares_with_the_preset() {
        let score = |error, accuracy| Score {
            error,
            accuracy,
            seconds: 2.0,
            trials: Vec::new(),
        };
        let chosen = vec![
            ("a", score(0.5, Some(0.8))),
            ("b", score(1.0, Some(0.7))),
            ("c", score(3.0, None)),
        ];
        let other = vec![
            ("a", score(0.25, Some(0.9))),
            ("b", score(1.2, Some(0.7))),
            ("c", score(3.3, None)),
        ];
        let text = line(&Change::To("--lr 1"), &chosen, &other);
        assert_eq!(text, "| `--lr 1` | -2.50 | +30.00 | +5.00 | a -25.0 | c +30.0 |\n");
    }
}
