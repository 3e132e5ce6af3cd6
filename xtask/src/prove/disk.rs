//! A save that fails leaves the old file, and says so.

use super::{Context, Proof, suite};
use crate::shell::Outcome;

/// See the module.
pub static PROOF: Proof = Proof {
    name: "disk",
    claim: "Whichever call of a save fails, the old file is intact, the failure is reported, and training goes on from it.",
    run,
};

/// The variable that only test builds obey.
const FAULT: &str = "ROSENBLATT_FAULT";

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    suite::prove_checked(context, "--workspace --test all", &["disk::", "stdout::"])?;
    let program = std::fs::read(context.program()?.path())?;
    let hooks = program
        .windows(FAULT.len())
        .filter(|window| *window == FAULT.as_bytes())
        .count();
    context.report.line("test hooks in a release", hooks, "= 0", hooks == 0);
    Ok(())
}
