//! A prediction does not depend on the rows around it.

use std::fs;

use super::{Context, Proof};
use crate::program::Program;
use crate::random::Random;
use crate::shell::{self, Outcome};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "rows",
    claim: "A row is predicted with the same digits alone, in files of any size, first or last, on any threads.",
    run,
};

const HEADER: &str = "a,b,c,d,colour,label";
const COLOURS: [&str; 4] = ["red", "green", "blue", ""];
const LABELS: [&str; 3] = ["low", "middle", "high"];
const ROWS: usize = 1000;
/// Sizes around the kernels' tiles, and all rows.
const SIZES: [usize; 4] = [2, 17, 256, ROWS];
/// Rows that are looked at; the fourth has a gap.
const LOOKED_AT: [usize; 5] = [0, 1, 137, 520, 999];
const THREADS: [usize; 2] = [1, 2];
const TRAINING: &str = "--target label --preset plain --hidden 64,32 --activation gelu --optimizer adam --lr 0.003 \
                        --batch-size 32 --epochs 5";

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    let program = context.program()?;
    let rows = table();
    let file = context.scratch.join("table.csv");
    fs::write(&file, csv(&rows))?;
    let model = context.scratch.join("table.safetensors");
    program.train(&format!("{} {TRAINING}", file.display()), &model)?;
    for row in LOOKED_AT {
        let alone = predictions(context, &program, &rows[row..=row], 1)?.remove(0);
        context.report.note(format!("row {row} alone"), &alone);
        for threads in THREADS {
            for size in SIZES {
                let others = |count: usize| (1..=count).map(|step| rows[(row + step) % ROWS].clone());
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

/// Rows whose label follows from the numbers and the colour, with a gap here and there.
fn table() -> Vec<String> {
    let mut random = Random::new(7);
    let row = |index: usize| {
        let x: [f64; 4] = std::array::from_fn(|_| random.unit() * 2.0 - 1.0);
        let colour = (random.unit() * COLOURS.len() as f64) as usize;
        let score = x[0] + x[1] * x[2] + 0.3 * colour as f64 - 0.45;
        let label = LABELS[usize::from(score > -0.3) + usize::from(score > 0.3)];
        let gap = index.is_multiple_of(40);
        let [a, b, c, d] = x.map(|value| format!("{value:.6}"));
        format!("{a},{},{c},{d},{},{label}", if gap { "" } else { &b }, COLOURS[colour])
    };
    (0..ROWS).map(row).collect()
}

fn csv(rows: &[String]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

/// What `predict` prints for each row.
fn predictions(context: &Context, program: &Program, rows: &[String], threads: usize) -> Outcome<Vec<String>> {
    let file = context.scratch.join("rows.csv");
    fs::write(&file, csv(rows))?;
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

#[cfg(test)]
mod tests {
    use super::{COLOURS, HEADER, LABELS, LOOKED_AT, ROWS, table};

    #[test]
    fn the_table_has_every_label_and_colour_and_some_gaps() {
        let rows = table();
        assert_eq!(rows.len(), ROWS);
        let columns = HEADER.split(',').count();
        assert!(rows.iter().all(|row| row.split(',').count() == columns));
        assert!(
            LABELS
                .iter()
                .all(|label| rows.iter().filter(|row| row.ends_with(label)).count() > 100)
        );
        assert!(
            COLOURS
                .iter()
                .all(|colour| rows.iter().any(|row| row.contains(&format!(",{colour},"))))
        );
        assert!(rows[LOOKED_AT[3]].contains(",,"));
    }
}
