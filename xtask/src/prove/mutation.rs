//! Mistakes in activations, losses, optimizers and layers are caught by the tests.

mod copy;
mod sites;
mod survivors;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Context, Proof};
use crate::random::Random;
use crate::shell::Outcome;
use copy::{Copy, Programs, VARIABLE};
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
    tests: &'static [Tests],
}

/// A package, and words that the names of its tests contain; none for all.
type Tests = (&'static str, &'static [&'static str]);

const AUTODIFF: &str = "rosenblatt-autodiff";
const NN: &str = "rosenblatt-nn";

const KINDS: [Kind; 4] = [
    Kind {
        folder: "crates/rosenblatt-autodiff/src/pointwise",
        tests: &[
            (AUTODIFF, &["activation"]),
            (AUTODIFF, &["conventions", "every_op", "programs"]),
            (NN, &["activation", "every_layer"]),
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
#[derive(Clone, Debug, PartialEq)]
pub struct Mutant {
    /// From the root of the workspace.
    file: PathBuf,
    kind: usize,
    site: Site,
    /// The first and the last line.
    lines: (usize, usize),
    /// The first line.
    line: String,
    /// What is written there.
    right: String,
}

/// The share that tests must catch.
const MIN_CAUGHT: f64 = 0.95;
/// A mutant has been caught if its tests take this many times longer than without one, and a minute.
const PATIENCE: u32 = 5;

fn run(context: &mut Context) -> Outcome {
    let seed = context.args.value("--seed")?.unwrap_or(13);
    let count = context.args.value("--count")?.unwrap_or(60);
    let folder: Option<PathBuf> = context.args.value("--folder")?;
    context.args.finish()?;
    let mut copy = Copy::new(folder.unwrap_or_else(|| context.scratch.join("copy")))?;
    let mut draws = Vec::new();
    for (kind, known) in KINDS.iter().enumerate() {
        let files = copy.sources(known.folder)?;
        draws.push(all_of(kind, &files)?);
    }
    for (kind, draw) in KINDS.iter().zip(&mut draws) {
        println!("{}: {} sites", kind.folder, draw.len());
        shuffle(draw, seed);
    }
    let (mutants, programs) = built(&copy, &mut draws, count)?;
    let limits = limits(context, &copy, &programs)?;
    let mut survivors = Vec::new();
    for (number, mutant) in &mutants {
        let mut caught = false;
        for tests in KINDS[mutant.kind].tests {
            let program = &programs[tests.0];
            caught = caught || !passes(&copy, program, *tests, Some(*number), limits[tests])?;
        }
        println!("{} {}", if caught { "caught:  " } else { "SURVIVES:" }, mutant.label());
        survivors.extend((!caught).then_some(mutant));
    }
    report(context, seed, mutants.len(), &survivors);
    Ok(())
}

/// The sample, and programs that hold it; what the compiler refuses is replaced by the next of its kind.
fn built(copy: &Copy, draws: &mut [Vec<Mutant>], count: usize) -> Outcome<(Vec<(usize, Mutant)>, Programs)> {
    loop {
        let mutants = first_of(draws, count);
        copy.write(&mutants)?;
        let places = match copy.build()? {
            Ok(programs) => return Ok((mutants, programs)),
            Err(places) => places,
        };
        let refused: Vec<&Mutant> = mutants
            .iter()
            .map(|(_, mutant)| mutant)
            .filter(|mutant| places.iter().any(|place| mutant.is_at(place)))
            .collect();
        if refused.is_empty() {
            return Err(format!("the copy does not compile: {places:?}").into());
        }
        for mutant in refused {
            println!("refused by the compiler: {}", mutant.label());
            draws[mutant.kind].retain(|other| other != mutant);
        }
    }
}

/// How long tests may take: they pass without a mutant, and are timed.
fn limits(context: &mut Context, copy: &Copy, programs: &Programs) -> Outcome<BTreeMap<Tests, Duration>> {
    let mut limits = BTreeMap::new();
    for tests in KINDS.iter().flat_map(|kind| kind.tests) {
        if !limits.contains_key(tests) {
            let start = Instant::now();
            let passes = passes(copy, &programs[tests.0], *tests, None, Duration::MAX)?;
            let took = start.elapsed();
            limits.insert(*tests, PATIENCE * took + Duration::from_secs(60));
            let name = format!("{} {} without a mutant", tests.0, tests.1.join(" "));
            context
                .report
                .line(name, format!("{:.0} s", took.as_secs_f64()), "pass", passes);
        }
    }
    Ok(limits)
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
    report.note("mutants that compute the same", equivalent.len());
    report.note("caught", sampled - survivors.len());
    let share = (sampled - survivors.len()) as f64 / (sampled - equivalent.len()) as f64;
    report.line(
        "share caught of those that differ",
        format!("{share:.3}"),
        format!(">= {MIN_CAUGHT}"),
        share >= MIN_CAUGHT,
    );
}

/// Every mutant of a kind, file after file.
fn all_of(kind: usize, files: &[(PathBuf, String)]) -> Outcome<Vec<Mutant>> {
    let mut all = Vec::new();
    for (file, text) in files {
        let sites = sites::sites(text).map_err(|error| format!("{}: {error}", file.display()))?;
        all.extend(sites.into_iter().map(|site| Mutant::new(file, kind, text, site)));
    }
    Ok(all)
}

impl Mutant {
    fn new(file: &Path, kind: usize, text: &str, site: Site) -> Self {
        let line = |at: usize| 1 + text[..at].matches('\n').count();
        let lines = (line(site.range.start), line(site.range.end));
        Self {
            file: file.to_owned(),
            kind,
            lines,
            line: text.lines().nth(lines.0 - 1).unwrap_or_default().trim().to_owned(),
            right: text[site.range.clone()].to_owned(),
            site,
        }
    }

    fn is_at(&self, (file, line): &(PathBuf, usize)) -> bool {
        *file == self.file && (self.lines.0..=self.lines.1).contains(line)
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

/// Whether tests pass, in time.
fn passes(copy: &Copy, program: &Path, tests: Tests, number: Option<usize>, limit: Duration) -> Outcome<bool> {
    let mut command = copy.command(tests.0, program);
    if let Some(number) = number {
        command.env(VARIABLE, number.to_string());
    }
    let mut child = command
        .args(tests.1)
        .arg("--quiet")
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
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        sleep(Duration::from_millis(20));
    }
}
