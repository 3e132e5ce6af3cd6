//! Tests run by their own harness, where `cargo nextest` is not installed; and examples in documentation.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use super::stages::{Choice, Extent, LONG};
use super::tally::Tally;
use crate::shell::{self, Outcome, cargo};

/// A program full of tests.
pub struct Binary {
    package: String,
    /// `PACKAGE::TARGET`.
    name: String,
    path: PathBuf,
    folder: PathBuf,
}

/// Builds all tests; cargo shows its progress. Examples are not built: the lints check them, a test includes those of
/// `crates/rosenblatt`, and proofs and benches build the others.
///
/// # Errors
/// If they do not compile.
pub fn build() -> Outcome<Vec<Binary>> {
    let mut command = cargo("test --workspace --tests --no-run --message-format json-render-diagnostics");
    let messages = shell::capture(command.stderr(Stdio::inherit()))?;
    Ok(messages.lines().filter_map(binary).collect())
}

/// The program a message of cargo is about.
fn binary(message: &str) -> Option<Binary> {
    let message: Value = serde_json::from_str(message).ok()?;
    let is_test = message["profile"]["test"].as_bool()?;
    let path = message["executable"].as_str().filter(|_| is_test)?;
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?;
    let package = folder.file_name()?.to_str()?.to_owned();
    Some(Binary {
        name: format!("{package}::{}", message["target"]["name"].as_str()?),
        package,
        path: path.into(),
        folder: folder.to_owned(),
    })
}

/// Runs the tests of all packages, or of some, one after the other; returns whether all passed.
///
/// # Errors
/// If a program cannot be started.
pub fn run(binaries: &[Binary], choice: &Choice, tally: &mut Tally) -> Outcome<bool> {
    let mut is_good = true;
    for binary in binaries {
        let Some(extent) = choice.extent(&binary.package) else {
            continue;
        };
        println!("      {}", binary.name);
        let mut command = Command::new(&binary.path);
        command
            .args(["--test-threads", "1", "--show-output"])
            .current_dir(&binary.folder)
            .env("CARGO_MANIFEST_DIR", &binary.folder);
        if extent == Extent::Short && binary.name.ends_with("::all") {
            for module in LONG {
                command.args(["--skip", module]);
            }
        }
        choice.apply(&mut command);
        is_good &= follow(&mut command, Reader::new(&binary.name, true), tally)?;
    }
    Ok(is_good)
}

/// Runs the examples in the documentation of all packages: choosing some would build what they need with other features.
///
/// # Errors
/// If cargo cannot be started.
pub fn run_examples(tally: &mut Tally) -> Outcome<bool> {
    let mut command = cargo("test --doc --workspace --no-fail-fast");
    follow(&mut command, Reader::new("documentation", false), tally)
}

fn follow(command: &mut Command, mut reader: Reader<'_>, tally: &mut Tally) -> Outcome<bool> {
    let mut last = Instant::now();
    let status = shell::stream_stdout(command, |line| {
        let seconds = last.elapsed().as_secs_f64();
        last = Instant::now();
        if reader.line(line, seconds, tally) {
            println!("{line}");
        }
    })?;
    // Without a result the program itself ended, and says nothing about its tests.
    if !status.success() && !reader.has_result {
        tally.failed += 1;
        tally.name_failure(&format!("{}: {status}", reader.binary));
    }
    Ok(status.success())
}

/// Reads what the harness prints, line by line.
struct Reader<'a> {
    binary: &'a str,
    /// Whether tests run one after the other.
    has_times: bool,
    in_passed: bool,
    has_result: bool,
}

impl<'a> Reader<'a> {
    fn new(binary: &'a str, has_times: bool) -> Self {
        Self {
            binary,
            has_times,
            in_passed: false,
            has_result: false,
        }
    }

    /// Counts what the line says, which came so long after the one before; returns whether the developer should see it.
    fn line(&mut self, line: &str, seconds: f64, tally: &mut Tally) -> bool {
        if let Some(result) = line.strip_prefix("test result: ") {
            let number = |end: &str| {
                let mut parts = result.split(['.', ';']);
                let found = parts.find_map(|part| part.trim().strip_suffix(end)?.parse::<usize>().ok());
                found.unwrap_or(0)
            };
            tally.passed += number(" passed");
            tally.failed += number(" failed");
            tally.skipped += number(" ignored");
            (self.in_passed, self.has_result) = (false, true);
            return number(" failed") > 0;
        }
        let test = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... "));
        if let Some((test, end)) = test {
            let name = format!("{} {test}", self.binary);
            if end == "FAILED" {
                tally.name_failure(&name);
            }
            if self.has_times {
                tally.took(seconds, &name);
            }
        }
        tally.printed(line);
        match line {
            "successes:" => self.in_passed = true,
            "failures:" => self.in_passed = false,
            _ => {}
        }
        let is_usual = line.is_empty() || line.starts_with("running ") || test.is_some_and(|(_, end)| end == "ok");
        !self.in_passed && !is_usual
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, Tally, binary};

    const RUN: &str = "
running 3 tests
test a::b ... ok
test a::c ... FAILED
test a::d ... ignored

successes:

---- a::b stdout ----
case with seed 0
cases: x 5

successes:
    a::b

failures:

---- a::c stdout ----
it is wrong

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s
";

    #[test]
    fn counts_come_from_the_result_and_times_from_the_lines() {
        let (mut reader, mut tally) = (Reader::new("nn::all", true), Tally::default());
        let shown: Vec<&str> = RUN.lines().filter(|line| reader.line(line, 0.5, &mut tally)).collect();
        assert_eq!((tally.passed, tally.failed, tally.skipped), (1, 1, 1));
        assert!(shown.contains(&"it is wrong") && shown.contains(&"test a::c ... FAILED"));
        assert!(!shown.contains(&"cases: x 5") && !shown.contains(&"test a::b ... ok"));
        assert!(reader.has_result);
    }

    #[test]
    fn only_test_programs_are_run() {
        let message = |test: bool| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"/p/crates/nn/Cargo.toml","profile":{{"test":{test}}},
                "target":{{"name":"all"}},"executable":"/p/target/debug/deps/all-1"}}"#
            )
        };
        let found = binary(&message(true)).unwrap();
        assert_eq!((found.name.as_str(), found.package.as_str()), ("nn::all", "nn"));
        assert!(binary(&message(false)).is_none());
        assert!(binary("Compiling nn").is_none());
    }
}
