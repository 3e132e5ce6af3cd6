//! Tests run by `cargo nextest`: each in a process of its own.

use std::collections::BTreeSet;
use std::process::Stdio;

use super::stages::{Choice, Extent, LONG};
use super::tally::Tally;
use crate::shell::{self, Outcome, cargo};

/// Whether it is installed.
pub fn is_installed() -> bool {
    let mut command = cargo("nextest --version");
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Runs all tests, or those of some packages; returns whether all passed.
///
/// # Errors
/// If it cannot be started.
pub fn run(choice: &Choice, tally: &mut Tally) -> Outcome<bool> {
    let mut command = cargo("nextest run --workspace --tests --no-fail-fast --color never --status-level pass");
    command.args(["--success-output", "immediate", "--no-tests", "pass"]);
    choice.apply(&mut command);
    if let Some(packages) = &choice.packages {
        let filters: Vec<String> = packages.iter().map(|(name, extent)| filter(name, *extent)).collect();
        command.args(["-E", &filters.join(" + ")]);
    }
    let mut reader = Reader::default();
    let status = shell::stream_stderr(&mut command, |line| {
        if let Some(shown) = reader.line(line, tally) {
            println!("{shown}");
        }
    })?;
    Ok(status.success())
}

/// The tests of a package, in the language of its filters.
fn filter(package: &str, extent: Extent) -> String {
    match extent {
        Extent::All => format!("package(={package})"),
        Extent::Short => format!("(package(={package}) - (binary(=all) & test(/^({})/)))", LONG.join("|")),
    }
}

/// Reads what it prints, line by line.
#[derive(Default)]
struct Reader {
    binaries: BTreeSet<String>,
    in_passed: bool,
    is_over: bool,
}

impl Reader {
    /// Counts what the line says, and returns what the developer should see of it.
    fn line(&mut self, line: &str, tally: &mut Tally) -> Option<String> {
        if let Some((_, counts)) = line.split_once(" tests run: ").filter(|_| line.contains("Summary [")) {
            self.is_over = true;
            let skipped = counts.split(", ").find_map(|part| part.strip_suffix(" skipped"));
            tally.skipped += skipped.and_then(|number| number.parse::<usize>().ok()).unwrap_or(0);
            return Some(line.to_owned());
        }
        if self.is_over {
            return Some(line.to_owned());
        }
        let Some(status) = Status::parse(line) else {
            tally.printed(line);
            let is_rule = line.starts_with('─');
            self.in_passed &= !is_rule;
            return (!self.in_passed && !is_rule).then(|| line.to_owned());
        };
        self.status(&status, line, tally)
    }

    fn status(&mut self, status: &Status<'_>, line: &str, tally: &mut Tally) -> Option<String> {
        if status.word == "SLOW" {
            return Some(line.to_owned());
        }
        tally.took(status.seconds, status.test);
        self.in_passed = matches!(status.word, "PASS" | "LEAK");
        if !self.in_passed {
            tally.failed += 1;
            tally.name_failure(status.test);
            return Some(line.to_owned());
        }
        tally.passed += 1;
        let binary = status.test.split(' ').next().unwrap_or_default();
        let is_new = self.binaries.insert(binary.to_owned());
        is_new.then(|| format!("      {:<13} {binary}", status.counter))
    }
}

/// A line such as `PASS [   0.004s] ( 1/11) rosenblatt-tensor::all pool::is_quick`.
struct Status<'a> {
    word: &'a str,
    seconds: f64,
    counter: &'a str,
    /// Binary and name.
    test: &'a str,
}

impl<'a> Status<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (word, rest) = line.split_once(" [")?;
        let word = word.trim();
        let is_word = !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_uppercase() || " +-0123456789".contains(c));
        let (seconds, rest) = rest.split_once("s] ")?;
        let seconds = seconds.trim_start_matches(['>', ' ']).parse().ok()?;
        let counter = rest.starts_with('(').then(|| rest.split_once(") ")).flatten();
        let (counter, test) = counter.map_or(("", rest), |(counter, test)| (&rest[..=counter.len()], test));
        is_word.then_some(Self {
            word,
            seconds,
            counter,
            test: test.trim(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, Tally};

    const RUN: &str = "\
────────────
 Nextest run ID 1 with nextest profile: default
    Starting 4 tests across 2 binaries (1 test skipped)
        PASS [   0.004s] ( 1/4) rosenblatt-nn losses::a
  stdout ───

    running 1 test
    case with seed 0
    cases: vjp 7
    test losses::a ... ok

        SLOW [> 30.000s] ( 1/4) rosenblatt-nn::all every_layer::b
        PASS [  31.500s] ( 2/4) rosenblatt-nn::all every_layer::b
        FAIL [   0.010s] ( 3/4) rosenblatt-nn::all every_layer::c
  stdout ───
    it is wrong
     SIGSEGV [   0.020s] ( 4/4) rosenblatt-nn::all every_layer::d
────────────
     Summary [   0.040s] 4 tests run: 2 passed (1 slow), 2 failed, 1 skipped
        FAIL [   0.010s] ( 3/4) rosenblatt-nn::all every_layer::c
error: test run failed
";

    #[test]
    fn passes_are_counted_and_their_output_is_hidden_failures_are_shown_and_counted_once() {
        let (mut reader, mut tally) = (Reader::default(), Tally::default());
        let shown: Vec<String> = RUN.lines().filter_map(|line| reader.line(line, &mut tally)).collect();
        assert_eq!((tally.passed, tally.failed, tally.skipped), (2, 2, 1));
        assert!(
            shown.iter().any(|line| line == "      ( 1/4)        rosenblatt-nn"),
            "{shown:?}"
        );
        let count = |text: &str| shown.iter().filter(|line| line.contains(text)).count();
        assert_eq!([count("it is wrong"), count("SLOW"), count("SIGSEGV")], [1, 1, 1]);
        assert_eq!([count("running 1 test"), count("seed 0"), count("error:")], [0, 0, 1]);
    }
}
