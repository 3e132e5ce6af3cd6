//! Many threads serve one model.

use super::{Context, Proof, suite};
use crate::shell::{self, Outcome, cargo, root};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "threads",
    claim: "Eight threads serve one model: the bits of the batch, weights in memory once, no allocation, no lock.",
    run,
};

/// Rows of the shorter run; the longer one has three times as many.
const ROWS: usize = 1000;
const RUNS: usize = 9;

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    suite::prove(context, "-p rosenblatt-train --test sessions", &[])?;
    shell::run(&mut cargo(
        "build --quiet --release -p rosenblatt-train --example session_rows",
    ))?;
    let [few, many] = [ROWS, 3 * ROWS].map(|rows| fewest_futex_calls(context, rows));
    let (few, many) = (few?, many?);
    let extra = many.abs_diff(few);
    context.report.line(
        format!("futex calls for {} further rows", 2 * ROWS),
        extra,
        "= 0",
        extra == 0,
    );
    Ok(())
}

/// The fewest of some runs: other programs on the machine only make threads wait for each other as they start and end.
fn fewest_futex_calls(context: &Context, rows: usize) -> Outcome<usize> {
    let mut fewest = usize::MAX;
    for _ in 0..RUNS {
        fewest = fewest.min(futex_calls(context, rows)?);
    }
    Ok(fewest)
}

/// System calls that lock or wake, in a whole run of the program.
fn futex_calls(context: &Context, rows: usize) -> Outcome<usize> {
    let (log, rows) = (context.scratch.join("calls"), rows.to_string());
    let program = root().join("target/release/examples/session_rows");
    let mut strace = std::process::Command::new("strace");
    strace
        .args(["-f", "-e", "trace=futex", "-o"])
        .arg(&log)
        .arg(program)
        .arg(rows);
    shell::capture(&mut strace)?;
    Ok(shell::read(&log)?
        .lines()
        .filter(|line| line.contains("futex("))
        .count())
}
