//! Stages with their number, and the sum at the end.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Instant;

use super::tally::Tally;
use super::usage::core_seconds;
use super::{libtest, nextest};
use crate::shell::Outcome;

/// How the names of long tests of the binaries `all` begin: they start browsers and shells, wait for signals, break disks, measure, train longer.
/// A change of a package below theirs leaves them out.
pub const LONG: [&str; 7] = [
    "bench::",
    "disk::",
    "format_v1::fashion",
    "guide::",
    "page::",
    "importance::",
    "signals::",
];

/// Which tests of a package run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Every test.
    All,
    /// Those that are not [`LONG`].
    Short,
}

/// What is tested.
#[derive(Default)]
pub struct Choice {
    /// Only these packages, if there is a list.
    pub packages: Option<BTreeMap<String, Extent>>,
    /// With the whole counts of random cases.
    pub is_soak: bool,
    /// By `cargo test`, also where `cargo nextest` is installed.
    pub no_nextest: bool,
}

impl Choice {
    /// Tells the tests of a command how many cases they run.
    pub fn apply(&self, command: &mut Command) {
        if self.is_soak {
            command.env("ROSENBLATT_SOAK", "1");
        }
    }

    /// Which tests of a package run, if any.
    pub fn extent(&self, package: &str) -> Option<Extent> {
        match &self.packages {
            None => Some(Extent::All),
            Some(names) => names.get(package).copied(),
        }
    }

    /// Whether no package is.
    pub fn is_empty(&self) -> bool {
        self.packages.as_ref().is_some_and(BTreeMap::is_empty)
    }
}

/// A run in stages.
pub struct Stages {
    number: usize,
    total: usize,
    start: Instant,
    choice: Choice,
    with_nextest: bool,
    tally: Tally,
}

impl Stages {
    /// A run that begins now and has `total` stages.
    pub fn new(total: usize, choice: Choice) -> Self {
        Self {
            number: 0,
            total,
            start: Instant::now(),
            with_nextest: !choice.no_nextest && nextest::is_installed(),
            choice,
            tally: Tally::default(),
        }
    }

    /// Names a stage, runs it, and says how it went.
    ///
    /// # Errors
    /// That of the stage, with its name.
    pub fn stage<R>(&mut self, name: &str, work: impl FnOnce(&mut Self) -> Outcome<R>) -> Outcome<R> {
        self.number += 1;
        let place = format!("{}/{}", self.number, self.total);
        println!("{place} {name} ...");
        let (start, cores) = (Instant::now(), core_seconds());
        let outcome = work(self).map_err(|error| format!("{name}: {error}").into());
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("{place} {name} {verdict}: {}", times(start, cores));
        outcome
    }

    /// Two stages: builds tests, and runs them.
    ///
    /// # Errors
    /// If any test fails.
    pub fn tests(&mut self) -> Outcome {
        let binaries = self.stage("build tests", |_| libtest::build())?;
        let runner = if self.with_nextest {
            "cargo nextest"
        } else {
            "cargo test"
        };
        self.stage(&format!("tests, {runner}"), |run| {
            check_outcome(match run.with_nextest {
                true => nextest::run(&run.choice, &mut run.tally)?,
                false => libtest::run(&binaries, &run.choice, &mut run.tally)?,
            })
        })
    }

    /// One stage: the examples in documentation.
    ///
    /// # Errors
    /// If any fails.
    pub fn examples(&mut self) -> Outcome {
        self.stage("examples in documentation", |run| {
            check_outcome(libtest::run_examples(&mut run.tally)?)
        })
    }

    /// Prints the sum.
    pub fn finish(&self, details: bool) {
        self.tally.print(details);
        println!(
            "{} of {} stages: {}",
            self.number,
            self.total,
            times(self.start, Some(0.0))
        );
    }
}

fn check_outcome(is_good: bool) -> Outcome {
    if is_good { Ok(()) } else { Err("a test failed".into()) }
}

/// Seconds since a moment: by the clock, and of all cores together where the system counts them.
fn times(start: Instant, cores: Option<f64>) -> String {
    let wall = start.elapsed().as_secs_f64();
    match core_seconds().zip(cores) {
        Some((now, before)) => format!("{wall:.1} s, {:.1} core-seconds (user + system)", now - before),
        None => format!("{wall:.1} s"),
    }
}
