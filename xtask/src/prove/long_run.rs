//! A run of very many epochs is saved, stopped and resumed, and does not grow.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use super::memory::peak_of;
use super::watched::Watched;
use super::{Context, Proof};
use crate::program::{checkpoint_folder, hash};
use crate::shell::Outcome;

/// See the module.
pub static PROOF: Proof = Proof {
    name: "long-run",
    claim: "5,000,000 epochs on 8 rows: SIGTERM saves, `--resume` continues, memory as for 100,000, all epochs in the file.",
    run,
};

const EPOCHS: usize = 5_000_000;
const FEWER: usize = 100_000;
const BEFORE_SIGTERM: Duration = Duration::from_secs(4);

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    let program = context.program()?;
    let table = context.scratch.join("t.csv");
    let mut rows = "a,b,y\n".to_owned();
    for i in 0..8 {
        writeln!(rows, "{i},{},{}", i * i % 5, ["no", "yes"][i % 3 / 2])?;
    }
    fs::write(&table, rows)?;
    let train = |epochs: usize| {
        let table = table.display();
        format!("{table} --target y --preset plain --hidden none --epochs {epochs} --early-stopping 0")
    };
    let (few, model) = (context.scratch.join("few"), context.scratch.join("many"));
    let (fewer, status) = peak_of(Watched::start(&program, &train(FEWER), &few)?)?;
    context
        .report
        .line("100,000 epochs", status, "exit status: 0", status.success());

    let mut many = Watched::start(&program, &train(EPOCHS), &model)?;
    let ran = many.wait_until(BEFORE_SIGTERM)?;
    let status = many.terminate()?;
    let stopped = ran && status.code() == Some(143);
    context
        .report
        .line("SIGTERM after 4 s", status, "exit status: 143", stopped);
    let log = checkpoint_folder(&model).join("epochs.jsonl");
    let epochs = fs::read_to_string(log)?.lines().count();
    let enough = epochs > FEWER && epochs < EPOCHS;
    context
        .report
        .line("epochs done until then", epochs, "> 100000", enough);

    let resumed = Watched::start(&program, &(train(EPOCHS) + " --resume"), &model)?;
    let (peak, status) = peak_of(resumed)?;
    context
        .report
        .line("resumed", status, "exit status: 0", status.success());
    context
        .report
        .at_most("peak memory against that of 100,000 epochs", peak / fewer, 1.1);
    context.report.note("model", hash(&model)?);
    Ok(())
}
