//! Damaged files are read or refused: quickly, in little memory, and never with a panic.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Context, Proof, suite};
use crate::shell::{self, Outcome, cargo};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "mutants",
    claim: "10,000 damaged files of each format, in 1 GiB: no panic, none takes 5 s, refusals name file and place.",
    run,
};

/// Formats, with the test that makes their mutants.
const FORMATS: [(&str, &str, &str); 4] = [
    ("CSV", "rosenblatt-data", "csv"),
    ("IDX", "rosenblatt-data", "idx"),
    ("run files", "rosenblatt-train", "run_files"),
    ("model files", "rosenblatt-train", "models"),
];

/// Mutants of each format.
const MUTANTS: usize = 10_000;
/// Mutants of one process. Its time limit is that of a single file, so that none of them can have taken longer.
const BATCH: usize = 100;
const MAX_TIME: Duration = Duration::from_secs(5);
/// Address space of one process, in KiB.
const MEMORY: usize = 1 << 20;

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    for (format, package, test) in FORMATS {
        let program = test_program(package)?;
        let (mut counted, mut slowest, mut failures) = (String::new(), Duration::ZERO, Vec::new());
        for from in (0..MUTANTS).step_by(BATCH) {
            let batch = format!("{from}..{}", from + BATCH);
            let start = Instant::now();
            match run_batch(&program, test, &batch)? {
                Ok(printed) => counted += &printed,
                Err(reason) => failures.push(format!("{batch}: {reason}")),
            }
            slowest = slowest.max(start.elapsed());
        }
        failures.iter().for_each(|failure| eprintln!("{format} {failure}"));
        let cases = suite::count(&counted);
        let counts = |end: &str| {
            cases
                .iter()
                .filter(|(name, _)| name.ends_with(end))
                .map(|(_, number)| number)
                .sum()
        };
        let (read, refused): (usize, usize) = (counts("mutants read"), counts("mutants refused"));
        let report = &mut context.report;
        report.at_least(format!("{format}: mutants"), read + refused, MUTANTS);
        report.at_least(format!("{format}: read"), read, 1);
        report.at_least(format!("{format}: refused with file and place"), refused, 1);
        report.line(
            format!("{format}: batches that failed"),
            failures.len(),
            "= 0",
            failures.is_empty(),
        );
        report.at_most(
            format!("{format}: slowest {BATCH}, s"),
            slowest.as_secs_f64(),
            MAX_TIME.as_secs_f64(),
        );
    }
    Ok(())
}

/// A package's test `mutants`, in the build that tests usually have: optimized, and an overflow is a panic.
fn test_program(package: &str) -> Outcome<PathBuf> {
    let mut build = cargo("test --workspace --no-run --message-format json --test mutants");
    let messages = shell::capture(build.stderr(Stdio::inherit()))?;
    let mut programs = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_ours = message["package_id"].as_str()?.contains(&format!("/{package}#"));
        is_ours
            .then(|| message["executable"].as_str().map(PathBuf::from))
            .flatten()
    });
    Ok(programs.next_back().ok_or("cargo names no test program")?)
}

/// Runs some mutants in a process of their own: what it printed, or why it failed.
fn run_batch(program: &std::path::Path, test: &str, batch: &str) -> Outcome<Result<String, String>> {
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"")])
        .arg(program)
        .args(["--exact", test, "--nocapture", "--test-threads", "1"])
        .env("ROSENBLATT_MUTANTS", batch)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > MAX_TIME {
            child.kill()?;
            child.wait()?;
            return Ok(Err(format!("not done after {MAX_TIME:?}")));
        }
        sleep(Duration::from_millis(2));
    };
    let (mut printed, mut message) = (String::new(), String::new());
    child
        .stdout
        .take()
        .map_or(Ok(0), |mut pipe| pipe.read_to_string(&mut printed))?;
    child
        .stderr
        .take()
        .map_or(Ok(0), |mut pipe| pipe.read_to_string(&mut message))?;
    Ok(if status.success() {
        Ok(printed)
    } else {
        Err(format!("{status}\n{message}"))
    })
}
