//! A run that is killed at any moment loses nothing it had saved.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{ExitStatus, Output};
use std::time::{Duration, Instant};

use super::watched::{Kind, Watched, versions};
use super::{Context, Proof};
use crate::mixed;
use crate::program::{self, Program, checkpoint_folder};
use crate::random::Random;
use crate::report::Report;
use crate::shell::Outcome;

/// See the module.
pub static PROOF: Proof = Proof {
    name: "kill",
    claim: "Killed at any moment, a save in progress included, a run resumes to the same bits.",
    run,
};

/// Saves at every step: 1,350 steps, dropout and shuffling on.
const DIGITS: &str = "digits --preset plain --hidden 128,64 --activation relu --dropout 0.2 --optimizer adam --lr 0.001 \
                      --batch-size 32 --epochs 30 --checkpoint-every 1";
/// The same on a table, after its own arguments.
const TABLE: &str = "--epochs 40 --checkpoint-every 1";
/// Steps so large that the weights leave the numbers within a few of them.
const DIVERGING: &str = "diabetes --preset plain --hidden 32 --optimizer sgd --lr 1e6 --checkpoint-every 1";
const KILLS: usize = 20;
/// Of these, kills between the first write of a save and its rename.
const KILLS_WHILE_SAVING: usize = 5;
/// Lives after which the proof gives up.
const ATTEMPTS: usize = 100;
/// Shares of the run after which SIGTERM comes, the next where the run had ended.
const TERMINATED_AT: [f64; 3] = [0.6, 0.5, 0.4];
/// Exit code of a run ended by SIGTERM.
const TERMINATED: i32 = 143;

fn run(context: &mut Context) -> Outcome {
    let kills = context.args.value("--kills")?.unwrap_or(KILLS);
    context.args.finish()?;
    let program = context.program()?;
    let table = mixed::training(&context.scratch.join("mixed.csv"))?;
    for (name, run) in [("digits", DIGITS), ("table", &format!("{table} {TABLE}"))] {
        let start = Instant::now();
        let reference = program::hash_of_training(&program, run, &context.scratch)?;
        let run = Undisturbed {
            name,
            arguments: run,
            reference,
            length: start.elapsed(),
        };
        let seconds = run.length.as_secs_f64();
        context
            .report
            .note(run.label("undisturbed"), format!("{}  {seconds:.2} s", run.reference));
        killed(context, &program, &run, kills)?;
        terminated(context, &program, &run)?;
    }
    diverged(context, &program)
}

/// A run that was not killed.
struct Undisturbed<'a> {
    name: &'static str,
    /// After `train`.
    arguments: &'a str,
    /// SHA-256 of its model.
    reference: String,
    /// How long it took.
    length: Duration,
}

impl Undisturbed<'_> {
    /// A line of the report that says which run it is about.
    fn label(&self, what: &str) -> String {
        format!("{}: {what}", self.name)
    }
}

/// What became of one life of the run.
#[derive(PartialEq)]
enum End {
    /// It ended by itself.
    Finished,
    /// Killed, and no save was under way.
    Killed,
    /// Killed, and what a save had written so far was left behind.
    KilledWhileSaving,
}

/// Kills the run again and again, resumes each time, and lets the last one end.
fn killed(context: &mut Context, program: &Program, run: &Undisturbed<'_>, kills: usize) -> Outcome {
    let (model, report) = (context.scratch.join("killed.safetensors"), &mut context.report);
    let label = |what: &str| run.label(what);
    program::remove(&model)?;
    let mut random = Random::new(20);
    let (mut done, mut while_saving, mut restarts) = (0, 0, 0);
    for _ in 0..ATTEMPTS {
        if done >= kills && while_saving >= KILLS_WHILE_SAVING {
            break;
        }
        // Short enough that a dozen lives fit into one run; half of them end in a save.
        let moment = run.length.mul_f64(0.02 + 0.15 * random.unit());
        let before = steps(&model);
        let end = live(program, run, &model, moment, done % 2 == 1)?;
        if end == End::Finished {
            report.same(
                label(&format!("finished after {done} kills")),
                &program::hash(&model)?,
                &run.reference,
            );
            program::remove(&model)?;
            continue;
        }
        done += 1;
        while_saving += usize::from(end == End::KilledWhileSaving);
        // A life that began from nothing would reach the same bits in the end, but it saves early steps again.
        restarts += usize::from(steps(&model).first() < before.first());
    }
    report.at_least(label("kills"), done, kills);
    report.at_least(label("kills while saving"), while_saving, KILLS_WHILE_SAVING);
    report.line(
        label("lives that began again from nothing"),
        restarts,
        "= 0",
        restarts == 0,
    );
    report.at_least(
        label("steps saved before the last life"),
        steps(&model).last().copied().unwrap_or(0),
        1,
    );
    let output = program
        .command(&format!("train {}", resumed(run, &model)))
        .arg("-o")
        .arg(&model)
        .output()?;
    check_outcome(report, &label("resumed to the end"), &output, 0);
    report.same(label("model after the kills"), &program::hash(&model)?, &run.reference);
    Ok(())
}

/// One life: from the last checkpoint to a moment after the start, then on to the next save if asked.
fn live(program: &Program, run: &Undisturbed<'_>, model: &Path, moment: Duration, in_a_save: bool) -> Outcome<End> {
    let folder = checkpoint_folder(model);
    let leftover = versions(&folder, Kind::Partial);
    let mut life = Watched::start(program, &resumed(run, model), model)?;
    let mut alive = life.wait_until(moment)?;
    if alive && in_a_save {
        let seen = versions(&folder, Kind::Partial);
        alive = life.wait_for(Kind::Partial, &seen)?;
    }
    if !life.kill()? || !alive {
        return Ok(if model.exists() { End::Finished } else { End::Killed });
    }
    let partial: BTreeSet<_> = versions(&folder, Kind::Partial)
        .difference(&leftover)
        .cloned()
        .collect();
    Ok(if partial.is_empty() {
        End::Killed
    } else {
        End::KilledWhileSaving
    })
}

/// The steps of the whole generations, ascending; their files are named `step-<steps>.safetensors`.
fn steps(model: &Path) -> BTreeSet<usize> {
    let step = |path: &Path| path.file_stem()?.to_str()?.strip_prefix("step-")?.parse().ok();
    versions(&checkpoint_folder(model), Kind::Whole)
        .iter()
        .filter_map(|(path, ..)| step(path))
        .collect()
}

/// What goes on where there is something to go on from.
fn resumed(run: &Undisturbed<'_>, model: &Path) -> String {
    let has_checkpoint = !versions(&checkpoint_folder(model), Kind::Whole).is_empty();
    format!("{}{}", run.arguments, if has_checkpoint { " --resume" } else { "" })
}

/// SIGTERM saves, exits with 143, and the run goes on from there.
fn terminated(context: &mut Context, program: &Program, run: &Undisturbed<'_>) -> Outcome {
    let label = |what: &str| run.label(what);
    let model = context.scratch.join("terminated.safetensors");
    let status = terminate(program, run, &model)?;
    let holds = status.code() == Some(TERMINATED);
    context
        .report
        .line(label("SIGTERM"), status, format!("exit status: {TERMINATED}"), holds);
    let saved = versions(&checkpoint_folder(&model), Kind::Whole).len();
    context.report.at_least(label("checkpoints after SIGTERM"), saved, 1);
    program.train(&format!("{} --resume", run.arguments), &model)?;
    let hash = program::hash(&model)?;
    context.report.same(label("model after SIGTERM"), &hash, &run.reference);
    Ok(())
}

/// Ends a run by SIGTERM in its middle; earlier, should it end before (machines have faster and slower minutes).
fn terminate(program: &Program, run: &Undisturbed<'_>, model: &Path) -> Outcome<ExitStatus> {
    for share in TERMINATED_AT {
        program::remove(model)?;
        let mut life = Watched::start(program, run.arguments, model)?;
        if life.wait_until(run.length.mul_f64(share))? {
            return life.terminate();
        }
    }
    Err("the run ended before SIGTERM".into())
}

/// A run that diverges stops within the step, says where, and leaves the last good checkpoint.
fn diverged(context: &mut Context, program: &Program) -> Outcome {
    let model = context.scratch.join("diverged.safetensors");
    let output = program
        .command(&format!("train {DIVERGING}"))
        .arg("-o")
        .arg(&model)
        .output()?;
    check_outcome(&mut context.report, "diverged", &output, 1);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    for word in ["layers.", "step "] {
        context.report.line(
            format!("diverged: names {}", word.trim()),
            "message",
            word,
            message.contains(word),
        );
    }
    println!("{}", message.trim_end());
    let checkpoints = versions(&checkpoint_folder(&model), Kind::Whole);
    context
        .report
        .at_least("diverged: checkpoints left", checkpoints.len(), 1);
    for (path, ..) in checkpoints {
        let output = program.command("inspect --format json").arg(&path).output()?;
        check_outcome(&mut context.report, "diverged: checkpoint can be read", &output, 0);
    }
    Ok(())
}

fn check_outcome(report: &mut Report, name: &str, output: &Output, code: i32) {
    let holds = output.status.code() == Some(code);
    if !holds {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    report.line(name, output.status, format!("exit status: {code}"), holds);
}
