//! `cargo xtask defaults`: compares what `--preset auto` chooses with alternatives, written to docs/defaults.md.
//!
//! No test row is used: of the training rows of each split a fifth is held out for validation. To doubt another choice, add
//! its lines to [`QUESTIONS`].

mod page;
mod questions;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Command;
use crate::args::Args;
use crate::program::Program;
use crate::shell::{Outcome, Scratch, root};
use crate::tables::{self, Table};
use crate::trial::{Rows, Trial, mean};
use questions::QUESTIONS;

/// See the module.
pub const COMMAND: Command = Command {
    name: "defaults",
    help: "[--only KEY]  compares what the preset chooses with alternatives",
    run,
};

/// Trials at the same time: each on one thread, which changes no bit.
const WORKERS: usize = 2;

/// Tables of classes, then tables of numbers.
const CLASSES: &[&str] = &[
    "adult",
    "airports",
    "benefits",
    "breast_cancer",
    "caravan",
    "default",
    "digits",
    "german",
    "insurance",
    "juice",
    "penguins",
    "titanic",
    "weather",
];
const NUMBERS: &[&str] = &[
    "abalone",
    "auto",
    "bikeshare",
    "boston",
    "carseats",
    "college",
    "credit",
    "diabetes",
    "diamonds",
    "fair",
    "flights",
    "hitters",
    "mpg",
    "randhie",
    "superstore",
    "txhousing",
    "wage",
];

/// A table, ready to be tried on.
struct Case {
    name: &'static str,
    /// Whether its target is a class.
    is_classes: bool,
    splits: Vec<Rows>,
}

/// How one setting did on one table, as means over its splits.
pub struct Score {
    /// Log loss, or the root mean squared error as a share of the standard deviation of the target.
    pub error: f64,
    /// Of classes.
    pub accuracy: Option<f64>,
    /// Of the whole command `train`.
    pub seconds: f64,
    /// One for each split.
    pub trials: Vec<Trial>,
}

/// The scores of one setting, in the order of the tables.
pub type Scores = Vec<(&'static str, Score)>;

fn run(mut args: Args) -> Outcome {
    let only: Option<String> = args.value("--only")?;
    args.finish()?;
    let wanted = |key: &str| only.as_deref().is_none_or(|only| only == key);
    let program = Program::build()?;
    let cases = cases()?;
    let chosen = scores(&program, &cases, |_, _| Ok(String::new()))?;
    let mut text = page::head(&chosen)?;
    for question in QUESTIONS.iter().filter(|question| wanted(question.key)) {
        let mut answers = Vec::new();
        for change in question.instead {
            println!("{}: {change}", question.key);
            let arguments = |table: usize, split: usize| change.arguments(&chosen[table].1.trials[split]);
            answers.push((change, scores(&program, &cases, arguments)?));
        }
        let section = page::section(question, &chosen, &answers);
        println!("{section}");
        text += &section;
    }
    if only.is_none() {
        std::fs::write(root().join("docs/defaults.md"), text)?;
    }
    Ok(())
}

fn cases() -> Outcome<Vec<Case>> {
    let folder = tables::folder()?;
    let names = [CLASSES, NUMBERS].into_iter().zip([true, false]);
    let names = names.flat_map(|(names, is_classes)| names.iter().map(move |name| (*name, is_classes)));
    let case = |(name, is_classes)| {
        Ok(Case {
            name,
            is_classes,
            splits: Table::open(&folder, name)?.splits_of_training_rows().collect(),
        })
    };
    names.map(case).collect()
}

/// Tries a setting on every table; `arguments` says what it is, by the numbers of table and split.
fn scores(
    program: &Program,
    cases: &[Case],
    arguments: impl Fn(usize, usize) -> Outcome<String> + Sync,
) -> Outcome<Scores> {
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (next, results, arguments) = (&next, &results, &arguments);
            scope.spawn(move || {
                while let Some((number, case)) = cases.iter().enumerate().nth(next.fetch_add(1, Ordering::Relaxed)) {
                    let score = score(program, case, |split| arguments(number, split), worker);
                    let score = score.map_err(|error| format!("{}: {error}", case.name));
                    if let Ok(mut results) = results.lock() {
                        results.push((number, case.name, score));
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().map_err(|_| "a worker panicked")?;
    results.sort_by_key(|(number, ..)| *number);
    results.into_iter().map(|(_, name, score)| Ok((name, score?))).collect()
}

fn score(
    program: &Program,
    case: &Case,
    arguments: impl Fn(usize) -> Outcome<String>,
    worker: usize,
) -> Outcome<Score> {
    let scratch = Scratch::new(&format!("defaults-{worker}"))?;
    let (mut errors, mut accuracies, mut trials) = (Vec::new(), Vec::new(), Vec::new());
    for (split, rows) in case.splits.iter().enumerate() {
        let arguments = format!("{} --threads 1", arguments(split)?);
        let trial = Trial::run(program, scratch.folder(), rows, &arguments)?;
        if case.is_classes {
            errors.push(trial.metric("log_loss")?);
            accuracies.push(trial.metric("accuracy")?);
        } else {
            errors.push((1.0 - trial.metric("r2")?).sqrt());
        }
        trials.push(trial);
    }
    let seconds: Vec<f64> = trials.iter().map(|trial| trial.seconds).collect();
    Ok(Score {
        error: mean(&errors),
        accuracy: case.is_classes.then(|| mean(&accuracies)),
        seconds: mean(&seconds),
        trials,
    })
}
