//! `cargo xtask test`: everything that must hold before a change is accepted.
//!
//! Tests run about a tenth of their random cases; [`soak`] runs all of them.

mod changed;
mod libtest;
mod nextest;
mod soak;
mod stages;
mod tally;
mod usage;

use std::path::Path;

use crate::args::Args;
use crate::shell::{self, Outcome, cargo};
use crate::{Command, tidy};

use stages::{Choice, Extent, LONG, Stages};

pub use soak::COMMAND as SOAK;
pub use tally::cases;

/// What lints and documentation refuse.
const DENIED: &str = "-D warnings";

/// See the module.
pub const COMMAND: Command = Command {
    name: "test",
    help: "[--changed [--base REVISION]] [--quick] [--no-nextest]  format, house rules, lints, tests, documentation",
    run,
};

/// Runs the stages in order and stops at the first that fails. `--quick` leaves out the documentation; `--changed` too, with
/// its examples, and the tests of packages that the change since REVISION (where it left the main branch) does not touch,
/// and the long tests of those that only build on what it touches.
fn run(mut args: Args) -> Outcome {
    let (is_changed, quick) = (args.flag("--changed"), args.flag("--quick"));
    let (base, no_nextest) = (args.value::<String>("--base")?, args.flag("--no-nextest"));
    args.finish()?;
    let packages = is_changed.then(|| changed::packages(base)).transpose()?;
    if let Some(packages) = &packages {
        let names = |extent| {
            packages
                .iter()
                .filter(move |(_, one)| **one == extent)
                .map(|(name, _)| &**name)
        };
        let list = |extent| names(extent).collect::<Vec<_>>().join(", ");
        println!("packages that the change touches: {}", list(Extent::All));
        println!(
            "packages that build on them: {} (without {})",
            list(Extent::Short),
            LONG.join(", ")
        );
    }
    let choice = Choice {
        packages,
        no_nextest,
        ..Choice::default()
    };
    let with_tests = !choice.is_empty();
    let documented = [!is_changed, !is_changed && !quick];
    let total = 3 + 2 * usize::from(with_tests) + documented.into_iter().filter(|with| *with).count();
    let mut stages = Stages::new(total, choice);
    let outcome = run_all(&mut stages, with_tests, documented);
    stages.finish(false);
    outcome
}

/// Documentation: its examples, and itself.
fn run_all(stages: &mut Stages, with_tests: bool, documented: [bool; 2]) -> Outcome {
    stages.stage("format", |_| shell::run(&mut cargo("fmt --all --check")))?;
    stages.stage("house rules", |_| tidy::check())?;
    stages.stage("lints", |_| {
        shell::run(&mut cargo(&format!(
            "clippy --workspace --lib --bins --examples --tests -- {DENIED}"
        )))
    })?;
    if with_tests {
        stages.tests()?;
    }
    let [with_examples, with_documentation] = documented;
    if with_examples {
        stages.examples()?;
    }
    if with_documentation {
        stages.stage("documentation", |_| shell::run(&mut documentation()))?;
    }
    Ok(())
}

/// The command that writes the documentation. It uses clippy's wrapper and arguments, as `cargo clippy` does, so that cargo
/// reuses what the lints have compiled; without that program, or if `CLIPPY_ARGS` changes its format, it only takes longer.
/// The tests enable the feature `faults`, so it is enabled here for the same reason.
fn documentation() -> std::process::Command {
    let mut doc = cargo(
        "doc --workspace --exclude xtask --exclude rosenblatt-testkit --no-deps --features rosenblatt-train/faults",
    );
    doc.env("RUSTDOCFLAGS", DENIED);
    let clippy = Path::new(doc.get_program()).with_file_name("clippy-driver");
    if clippy.exists() {
        let arguments: String = DENIED
            .split(' ')
            .map(|word| format!("{word}__CLIPPY_HACKERY__"))
            .collect();
        doc.env("RUSTC_WORKSPACE_WRAPPER", clippy).env("CLIPPY_ARGS", arguments);
    }
    doc
}
