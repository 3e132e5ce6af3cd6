//! `cargo xtask test`: everything that must hold before a change is accepted.

use std::time::Instant;

use crate::args::Args;
use crate::shell::{self, Outcome, cargo};
use crate::{Command, tidy};

/// See the module.
pub const COMMAND: Command = Command {
    name: "test",
    help: "[--quick]  format, lints, tests, documentation, house rules",
    run,
};

/// Runs the stages in order and stops at the first that fails. `--quick` leaves out the documentation.
fn run(mut args: Args) -> Outcome {
    let quick = args.flag("--quick");
    args.finish()?;
    let start = Instant::now();
    stage("format", || shell::run(&mut cargo("fmt --all --check")))?;
    stage("lints", || {
        shell::run(&mut cargo("clippy --quiet --workspace --all-targets -- -D warnings"))
    })?;
    stage("tests", || shell::run(&mut cargo("test --quiet --workspace")))?;
    if !quick {
        let mut doc = cargo("doc --quiet --workspace --no-deps");
        stage("documentation", || shell::run(doc.env("RUSTDOCFLAGS", "-D warnings")))?;
    }
    stage("house rules", tidy::check)?;
    println!("all stages passed in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn stage(name: &str, work: impl FnOnce() -> Outcome) -> Outcome {
    let start = Instant::now();
    let outcome = work().map_err(|error| format!("{name}: {error}").into());
    let verdict = if outcome.is_ok() { "ok" } else { "FAIL" };
    println!("{name:<16} {:>7.1} s  {verdict}", start.elapsed().as_secs_f64());
    outcome
}
