//! `cargo xtask soak`: the whole counts that reliability is promised for. Hours; by hand.

use super::{Choice, Stages};
use crate::args::Args;
use crate::shell::Outcome;
use crate::{Command, prove};

/// See the module.
pub const COMMAND: Command = Command {
    name: "soak",
    help: "[--no-nextest]  all tests with all their cases, and the proofs about damage and interruption: takes hours",
    run,
};

/// Proofs that hold what tests only sample against limits of time and memory, and against interruption.
const PROOFS: [&str; 3] = ["bits", "kill", "mutants"];

fn run(mut args: Args) -> Outcome {
    let no_nextest = args.flag("--no-nextest");
    args.finish()?;
    let choice = Choice {
        is_soak: true,
        no_nextest,
        ..Choice::default()
    };
    let mut stages = Stages::new(3 + PROOFS.len(), choice);
    let outcome = run_all(&mut stages);
    stages.finish(true);
    outcome
}

fn run_all(stages: &mut Stages) -> Outcome {
    stages.tests()?;
    stages.examples()?;
    for name in PROOFS {
        let none = Args::new(std::iter::empty());
        stages.stage(&format!("proof {name}"), |_| prove::by_name(name, none))?;
    }
    Ok(())
}
