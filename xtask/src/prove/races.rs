//! Runs that start at once: none replaces the model of another, and none ends another.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::{Context, Proof};
use crate::program::{Program, hash};
use crate::random::Random;
use crate::shell::{Outcome, Scratch};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "races",
    claim: "200 times two to four runs at once, with and without `-o`: each has its model, or is refused with exit code 2.",
    run,
};

const REPETITIONS: u64 = 200;
/// Exit code of a run that is refused.
const REFUSED: i32 = 2;
/// Seeds of runs at once, at most.
const RUNS: u64 = 4;

/// What became of the runs.
#[derive(Default)]
struct Count {
    finished: usize,
    refused: usize,
    lost: usize,
}

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    let program = context.program()?;
    let table = context.scratch.join("big.csv");
    fs::write(&table, rows(300)?)?;
    let references = (0..RUNS).map(|seed| {
        let model = context.scratch.join(format!("reference-{seed}"));
        program.train(&arguments(&table, seed), &model)?;
        hash(&model)
    });
    let references = references.collect::<Outcome<Vec<_>>>()?;
    let mut random = Random::new(0);
    for (name, output) in [
        ("own names", None),
        ("-o x", Some("-o x")),
        ("-o x --force", Some("-o x --force --checkpoint-every 1")),
    ] {
        let mut count = Count::default();
        for _ in 0..REPETITIONS {
            let seeds = 2 + (random.unit() * (RUNS - 1) as f64) as u64;
            race(&program, &table, output, seeds, &references, &mut count)?;
        }
        let Count {
            finished,
            refused,
            lost,
        } = count;
        context.report.note(
            format!("{name}: runs"),
            format!("{finished} finished, {refused} refused"),
        );
        context.report.line(
            format!("{name}: models lost, runs ended by another"),
            lost,
            "= 0",
            lost == 0,
        );
    }
    Ok(())
}

fn rows(rows: usize) -> Outcome<String> {
    let mut text = "a,b,y\n".to_owned();
    for row in 0..rows {
        writeln!(
            text,
            "{}.5,{},{}",
            row % 17,
            row * 7 % 11,
            ["no", "yes"][row * row % 3 % 2]
        )?;
    }
    Ok(text)
}

fn arguments(table: &Path, seed: u64) -> String {
    format!(
        "{} --target y --preset plain --epochs 3 --threads 1 --seed {seed}",
        table.display()
    )
}

/// Some runs in a new folder, and what each left.
fn race(
    program: &Program,
    table: &Path,
    output: Option<&str>,
    runs: u64,
    references: &[String],
    count: &mut Count,
) -> Outcome {
    let folder = Scratch::new("race")?;
    let start = |seed: u64| {
        let arguments = format!(
            "train {} --quiet {}",
            arguments(table, seed),
            output.unwrap_or_default()
        );
        let mut command: Command = program.command(&arguments);
        command
            .current_dir(folder.folder())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    };
    let children = (0..runs).map(start).collect::<Result<Vec<_>, _>>()?;
    let mut last = Vec::new();
    for (child, reference) in children.into_iter().zip(references) {
        let ended = child.wait_with_output()?;
        match ended.status.code() {
            Some(0) if output.is_none() => {
                let is_there = hash(&folder.join(model_of(&ended))).is_ok_and(|hash| hash == *reference);
                count.finished += usize::from(is_there);
                count.lost += usize::from(!is_there);
            }
            Some(0) => last.push(reference),
            Some(REFUSED) => count.refused += 1,
            _ => count.lost += 1,
        }
    }
    if output.is_some() {
        // One after the other may have finished; with `--force` the last one's model is there.
        let found = hash(&folder.join("x")).unwrap_or_default();
        let is_there = last.iter().any(|reference| **reference == found);
        let may_replace = output.is_some_and(|output| output.contains("--force"));
        let lost = usize::from(!is_there) + if may_replace { 0 } else { last.len().saturating_sub(1) };
        count.finished += last.len();
        count.lost += lost;
    }
    let left = fs::read_dir(folder.folder())?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    count.lost += left
        .filter(|name| name.contains(".tmp-") || name.ends_with(".checkpoint"))
        .count();
    Ok(())
}

/// The name after `model: `.
fn model_of(ended: &Output) -> String {
    let text = String::from_utf8_lossy(&ended.stdout);
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("model: ")?.split(' ').next());
    name.unwrap_or_default().to_owned()
}
