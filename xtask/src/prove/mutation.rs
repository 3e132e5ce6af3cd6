//! Mistakes in activations, losses, optimizers and layers are caught by the tests.

mod copy;
mod sites;
mod survivors;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Context, Proof};
use crate::random::Random;
use crate::shell::{self, Outcome, root};
use copy::{Copy, VARIABLE};
use sites::Site;

/// See the module.
pub static PROOF: Proof = Proof {
    name: "mutation",
    claim: "Of 60 sampled mistakes in activations, losses, optimizers and layers, tests catch 95 % (--seed, --count, --folder).",
    run,
};

/// A kind of entry: where its files are, and which tests of which packages look at it, the nearest first.
struct Kind {
    folder: &'static str,
    tests: &'static [(&'static str, &'static [&'static str])],
}

const AUTODIFF: &str = "rosenblatt-autodiff";
const NN: &str = "rosenblatt-nn";

const KINDS: [Kind; 4] = [
    Kind {
        folder: "crates/rosenblatt-autodiff/src/pointwise",
        tests: &[
            (AUTODIFF, &["activation_values", "activation_units", "every_activation"]),
            (AUTODIFF, &[]),
            (NN, &[]),
        ],
    },
    Kind {
        folder: "crates/rosenblatt-nn/src/losses",
        tests: &[(NN, &["loss", "links"]), (NN, &[])],
    },
    Kind {
        folder: "crates/rosenblatt-nn/src/optimizers",
        tests: &[(NN, &["every_optimizer"]), (NN, &["optimizing"]), (NN, &[])],
    },
    Kind {
        folder: "crates/rosenblatt-nn/src/layers",
        tests: &[(NN, &["layer", "normalizing", "dropping", "kept_tensors"]), (NN, &[])],
    },
];

/// A mistake in a file.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// From the root of the workspace.
    file: PathBuf,
    kind: usize,
    site: Site,
    /// The first and the last line.
    lines: (usize, usize),
    /// What is written there.
    right: String,
}

/// The share that tests must catch.
const MIN_CAUGHT: f64 = 0.95;
/// A mutant that runs this much longer than the tests without one has been caught.
const PATIENCE: Duration = Duration::from_secs(120);

fn run(context: &mut Context) -> Outcome {
    let seed = context.args.value("--seed")?.unwrap_or(13);
    let count = context.args.value("--count")?.unwrap_or(60);
    let folder: Option<PathBuf> = context.args.value("--folder")?;
    context.args.finish()?;
    let copy = Copy::new(folder.unwrap_or_else(|| context.scratch.join("copy")))?;
    let mut draws = KINDS.iter().enumerate().map(all_of).collect::<Outcome<Vec<_>>>()?;
    let files: Vec<PathBuf> = draws.iter().flatten().map(|mutant| mutant.file.clone()).collect();
    for (kind, draw) in KINDS.iter().zip(&mut draws) {
        println!("{}: {} sites", kind.folder, draw.len());
        shuffle(draw, seed);
    }
    let (mutants, programs) = loop {
        let mutants = first_of(&draws, count);
        copy.write(&mutants, &files)?;
        match copy.build()? {
            Ok(programs) => break (mutants, programs),
            Err(places) => {
                let is_wrong = |mutant: &Mutant| {
                    let here = |(file, line): &(PathBuf, usize)| {
                        *file == mutant.file && (mutant.lines.0..=mutant.lines.1).contains(line)
                    };
                    places.iter().any(here)
                };
                let refused: Vec<_> = mutants.iter().filter(|(_, mutant)| is_wrong(mutant)).collect();
                if refused.is_empty() {
                    return Err(format!("the copy does not compile: {places:?}").into());
                }
                for (_, mutant) in refused {
                    println!("refused by the compiler: {}", mutant.label());
                    draws[mutant.kind].retain(|other| other.label() != mutant.label() || other.lines != mutant.lines);
                }
            }
        }
    };
    let test = |number: Option<usize>, (package, filters): (&str, &[&str])| {
        passes(&copy, package, &programs[package], filters, number)
    };
    for package in [AUTODIFF, NN] {
        context.report.line(
            format!("{package} without a mutant"),
            "tests",
            "pass",
            test(None, (package, &[]))?,
        );
    }
    let mut survivors = Vec::new();
    for (number, mutant) in &mutants {
        let mut caught = false;
        for &tests in KINDS[mutant.kind].tests {
            caught = caught || !test(Some(*number), tests)?;
        }
        println!("{} {}", if caught { "caught:  " } else { "SURVIVES:" }, mutant.label());
        survivors.extend((!caught).then_some(mutant));
    }
    report(context, seed, mutants.len(), &survivors);
    Ok(())
}

fn report(context: &mut Context, seed: u64, sampled: usize, survivors: &[&Mutant]) {
    let (equivalent, missed): (Vec<&Mutant>, Vec<_>) = survivors
        .iter()
        .copied()
        .partition(|mutant| survivors::reason(mutant).is_some());
    for mutant in &equivalent {
        let reason = survivors::reason(mutant).unwrap_or_default();
        context.report.note(mutant.label(), reason);
    }
    for mutant in &missed {
        context.report.line(mutant.label(), "survives", "has a reason", false);
    }
    let report = &mut context.report;
    report.note("seed", seed);
    report.note("mutants", sampled);
    report.note("caught", sampled - survivors.len());
    report.note("survivors with a reason", equivalent.len());
    let share = (sampled - survivors.len()) as f64 / sampled as f64;
    report.line(
        "share caught",
        format!("{share:.3}"),
        format!(">= {MIN_CAUGHT}"),
        share >= MIN_CAUGHT,
    );
}

/// Every mutant of a kind, file after file.
fn all_of((number, kind): (usize, &Kind)) -> Outcome<Vec<Mutant>> {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join(kind.folder))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Outcome<_>>()?;
    files.retain(|file| file.extension().is_some_and(|end| end == "rs") && !file.ends_with("mod.rs"));
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let text = shell::read(&path)?;
        let file = path.strip_prefix(root())?;
        all.extend(
            sites::sites(&text)?
                .into_iter()
                .map(|site| Mutant::new(file, number, &text, site)),
        );
    }
    Ok(all)
}

impl Mutant {
    fn new(file: &Path, kind: usize, text: &str, site: Site) -> Self {
        let line = |at: usize| 1 + text[..at].matches('\n').count();
        Self {
            file: file.to_owned(),
            kind,
            lines: (line(site.range.start), line(site.range.end)),
            right: text[site.range.clone()].to_owned(),
            site,
        }
    }

    /// Where it is and what it changes, on one line.
    fn label(&self) -> String {
        let short = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let wrong = short(&self.site.wrong);
        let wrong = if wrong.is_empty() {
            "nothing".into()
        } else {
            format!("`{wrong}`")
        };
        let file = self.file.display();
        format!("{file}:{}: `{}` -> {wrong}", self.lines.0, short(&self.right))
    }
}

/// Fisher and Yates.
fn shuffle<T>(list: &mut [T], seed: u64) {
    let mut random = Random::new(seed);
    for i in (1..list.len()).rev() {
        list.swap(i, (random.unit() * (i + 1) as f64) as usize);
    }
}

/// The first of each list, the same number of all, with their own numbers; none inside another.
fn first_of(draws: &[Vec<Mutant>], count: usize) -> Vec<(usize, Mutant)> {
    let mut chosen: Vec<Mutant> = Vec::new();
    for draw in draws {
        let enough = chosen.len() + count / draws.len();
        for mutant in draw {
            let overlaps = |other: &Mutant| {
                let (a, b) = (&mutant.site.range, &other.site.range);
                mutant.file == other.file && a.start < b.end && b.start < a.end
            };
            if chosen.len() < enough && !chosen.iter().any(overlaps) {
                chosen.push(mutant.clone());
            }
        }
    }
    chosen.into_iter().enumerate().collect()
}

/// Whether the tests with these names pass, in time.
fn passes(copy: &Copy, package: &str, program: &Path, filters: &[&str], number: Option<usize>) -> Outcome<bool> {
    let mut command = copy.command(package, program);
    if let Some(number) = number {
        command.env(VARIABLE, number.to_string());
    }
    let mut child = command
        .args(filters)
        .args(["--quiet"])
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if start.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        sleep(Duration::from_millis(20));
    }
}
