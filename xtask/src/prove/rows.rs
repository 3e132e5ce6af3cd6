//! A prediction does not depend on the rows around it.

use std::fs;

use super::{Context, Proof};
use crate::mixed;
use crate::program::Program;
use crate::shell::{self, Outcome};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "rows",
    claim: "A row is predicted with the same digits alone, in files of any size, first or last, on any threads.",
    run,
};

/// Sizes around the kernels' tiles, and many rows.
const SIZES: [usize; 4] = [2, 17, 256, 1000];
/// Rows that are looked at; the first and the fourth have gaps.
const LOOKED_AT: [usize; 5] = [0, 1, 137, 520, 1199];
const THREADS: [usize; 2] = [1, 2];

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    let program = context.program()?;
    let rows = mixed::rows();
    let training = mixed::training(&context.scratch.join("table.csv"))?;
    program.train(
        &format!("{training} --epochs 5"),
        &context.scratch.join("table.safetensors"),
    )?;
    for row in LOOKED_AT {
        let alone = predictions(context, &program, &rows[row..=row], 1)?.remove(0);
        context.report.note(format!("row {row} alone"), &alone);
        for threads in THREADS {
            for size in SIZES {
                let others = |count: usize| (1..=count).map(|step| rows[(row + step) % mixed::ROWS].clone());
                let first: Vec<String> = std::iter::once(rows[row].clone()).chain(others(size - 1)).collect();
                let last: Vec<String> = others(size - 1).chain(std::iter::once(rows[row].clone())).collect();
                let as_first = predictions(context, &program, &first, threads)?.remove(0);
                let as_last = predictions(context, &program, &last, threads)?.remove(size - 1);
                let name = format!("row {row} of {size}, {threads} threads");
                let holds = as_first == alone && as_last == alone;
                context.report.line(name, "first and last", "as alone", holds);
            }
        }
    }
    Ok(())
}

/// What `predict` prints for each row.
fn predictions(context: &Context, program: &Program, rows: &[String], threads: usize) -> Outcome<Vec<String>> {
    let file = context.scratch.join("rows.csv");
    fs::write(&file, mixed::csv(rows))?;
    let mut command = program.command(&format!("predict --quiet --threads {threads}"));
    let printed = shell::capture(command.arg(context.scratch.join("table.safetensors")).arg(file))?;
    let lines: Vec<String> = printed.lines().skip(1).map(String::from).collect();
    let has_probabilities = printed
        .lines()
        .next()
        .is_some_and(|header| header.contains("probability_"));
    if lines.len() != rows.len() || !has_probabilities {
        return Err(format!(
            "predict: {} rows for {}, header `{:?}`",
            lines.len(),
            rows.len(),
            printed.lines().next()
        )
        .into());
    }
    Ok(lines)
}
