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
    rows of `cargo xtask tables` a fifth is set apart and judged by: test rows are never seen. The tables are the ten of\n\
    [tables.md](tables.md) and ten more from the same packages, for which the whole table is divided alike.\n\n\
    - **log loss**, **RMSE**: how many times that of the preset, as a geometric mean over the tables of classes or of\n\
      numbers; below 1 is better.\n\
    - **accuracy**: points (hundredths) more than that of the preset, as a mean over the tables of classes.\n\
    - **best**, **worst**: the table that gains or loses most by the change, with its ratio of log losses or RMSEs.\n\
    - **time**: how many times the seconds of the preset, as a geometric mean; a trial runs on one thread.\n\n";

/// The preface, and what the preset reaches.
///
/// # Errors
/// If the date cannot be had.
pub fn head(chosen: &Scores) -> Outcome<String> {
    let mut text = format!("{PREFACE}Measured {}. With the preset:\n\n", today()?);
    text += "| table | log loss or RMSE | accuracy | seconds |\n|---|---|---|---|\n";
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
        "\n## `{}`: {}\n\n| instead | log loss | accuracy | RMSE | best | worst | time |\n|---|---|---|---|---|---|---|\n",
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
    let ratio = |(_, before, after): &(&str, &Score, &Score)| after.error / before.error;
    let of = |is_classes: bool| {
        let pairs = pairs
            .iter()
            .filter(|(_, before, _)| before.accuracy.is_some() == is_classes);
        geometric_mean(pairs.map(ratio))
    };
    let points: Vec<f64> = pairs
        .iter()
        .filter_map(|(_, before, after)| Some(100.0 * (after.accuracy? - before.accuracy?)))
        .collect();
    let by_ratio = |a: &&(&str, &Score, &Score), b: &&(&str, &Score, &Score)| ratio(a).total_cmp(&ratio(b));
    let show = |pair: Option<&(&str, &Score, &Score)>| {
        pair.map_or(String::new(), |pair| format!("{} {:.2}", pair.0, ratio(pair)))
    };
    format!(
        "| {change} | {:.3} | {:+.2} | {:.3} | {} | {} | {:.1} |\n",
        of(true),
        mean(&points),
        of(false),
        show(pairs.iter().min_by(by_ratio)),
        show(pairs.iter().max_by(by_ratio)),
        geometric_mean(pairs.iter().map(|(_, before, after)| after.seconds / before.seconds))
    )
}

fn geometric_mean(values: impl Iterator<Item = f64>) -> f64 {
    let logarithms: Vec<f64> = values.map(f64::ln).collect();
    mean(&logarithms).exp()
}

#[cfg(test)]
mod tests {
    use super::{Change, Score, line};

    #[test]
    fn a_line_compares_with_the_preset() {
        let score = |error, accuracy| Score {
            error,
            accuracy,
            seconds: 2.0 * error,
        };
        let chosen = vec![
            ("a", score(0.5, Some(0.8))),
            ("b", score(1.0, Some(0.7))),
            ("c", score(3.0, None)),
        ];
        let other = vec![
            ("a", score(0.25, Some(0.9))),
            ("b", score(2.0, Some(0.7))),
            ("c", score(3.3, None)),
        ];
        let text = line(&Change::To("--lr 1"), &chosen, &other);
        assert_eq!(text, "| `--lr 1` | 1.000 | +5.00 | 1.100 | a 0.50 | b 2.00 | 1.0 |\n");
    }
}
