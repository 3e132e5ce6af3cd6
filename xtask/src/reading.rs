//! A large table, and what programs take to read it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::program::example;
use crate::python;
use crate::random::Random;
use crate::shell::{self, Outcome};

/// Rows of the table.
pub const ROWS: usize = 1_000_000;
/// Columns of the table.
pub const COLUMNS: usize = 20;

/// What the columns are called.
const HEADER: &str = "id,age,amount,balance,flag,price,rate,share,drift,weight,exact,visits,size,tiny,level,answer,color,\
                      place,day,key";
const LEVELS: [&str; 3] = ["low", "middle", "high"];
const COLOURS: [&str; 5] = ["red", "green", "blue", "", "black"];

/// Writes the table, the same at every call.
///
/// Six columns of whole numbers, eight of decimals (one with all digits that f64 has, one with exponents), four of categories
/// (two of them quoted, one with the delimiter inside), one of dates, one of texts that identify the row; gaps in four columns,
/// written as nothing or as `NA`.
///
/// # Errors
/// If the file cannot be written.
pub fn write(path: &Path, rows: usize) -> Outcome {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "{HEADER}")?;
    let (mut random, mut line) = (Random::new(20), String::new());
    for id in 1..=rows {
        line.clear();
        row(&mut line, id, &mut random)?;
        file.write_all(line.as_bytes())?;
    }
    file.flush()?;
    Ok(())
}

fn row(line: &mut String, id: usize, random: &mut Random) -> Outcome {
    let mut below = |n: usize| (random.unit() * n as f64) as usize;
    let gap = |chance: usize, text: String, absent: &str| if chance == 0 { absent.to_owned() } else { text };
    let age = gap(below(20), (18 + below(70)).to_string(), "NA");
    let rate = gap(below(10), format!("{:.4}", below(100_000) as f64 / 1e4), "");
    let visits = gap(below(8), below(40).to_string(), "NA");
    let (year, month, day) = (2015 + below(10), 1 + below(12), 1 + below(28));
    let (amount, balance, flag) = (below(1_000_000), below(200_000) as i64 - 100_000, below(2));
    write!(
        line,
        "{id},{age},{amount},{balance},{flag},{:.2},{rate},",
        below(10_000_000) as f64 / 100.0
    )?;
    let (share, drift) = (below(1_000_000) as f64 / 1e6, below(2_000_000) as f64 / 1e6 - 1.0);
    write!(line, "{share:.6},{drift:.6},{:.3},", below(200_000) as f64 / 1e3)?;
    let (size, level) = (below(5000) as f64 / 10.0, LEVELS[below(3)]);
    let (answer, color, place) = (["yes", "no"][below(2)], COLOURS[below(5)], below(200));
    let (exact, tiny) = (random.unit(), random.unit() * 1e-9);
    // Different for each row, in no order.
    let key = (id as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16;
    writeln!(
        line,
        "{exact},{visits},{size:.1},{tiny:.5e},{level},\"{answer}\",{color},\"Place {place}, north\",\
         {year}-{month:02}-{day:02},C{key:012X}"
    )?;
    Ok(())
}

/// What one reading took.
pub struct Reading {
    /// Seconds of processor time, of all threads together.
    pub cpu_seconds: f64,
    /// Seconds on the clock.
    pub seconds: f64,
    /// Memory in use at most, above what the program had before.
    pub peak_bytes: f64,
}

/// The best of `times` readings by this project, in a process of its own.
///
/// # Errors
/// If the program cannot be built, or fails.
pub fn ours(file: &Path, times: usize) -> Outcome<Reading> {
    reading(&mut Command::new(example("rosenblatt-data", "read_csv")?), file, times)
}

/// Writes the rows of a CSV file as Parquet.
///
/// # Errors
/// If the program cannot be built, or fails.
pub fn write_parquet(csv: &Path, parquet: &Path) -> Outcome {
    shell::run(
        Command::new(example("rosenblatt-data", "table_formats")?)
            .arg(csv)
            .arg(parquet),
    )
}

/// The best of `times` readings by a library for Python; `threads` of 1 keeps it on one processor.
///
/// # Errors
/// If there is no Python with it, or it fails.
pub fn by_python(library: &str, threads: usize, file: &Path, times: usize) -> Outcome<Reading> {
    let mut command = python::script("benches/peers/read_csv.py")?;
    command.env("POLARS_MAX_THREADS", threads.to_string()).arg(library);
    reading(&mut command, file, times)
}

fn reading(command: &mut Command, file: &Path, times: usize) -> Outcome<Reading> {
    let printed = shell::capture(command.arg(file).arg(times.to_string()))?;
    let answer: Value = serde_json::from_str(&printed)?;
    let number = |key: &str| {
        answer[key]
            .as_f64()
            .ok_or_else(|| format!("no `{key}` in `{}`", printed.trim()))
    };
    if (number("rows")?, number("columns")?) != (ROWS as f64, COLUMNS as f64) {
        return Err(format!("expected {ROWS} rows of {COLUMNS} columns, got `{}`", printed.trim()).into());
    }
    Ok(Reading {
        cpu_seconds: number("cpu_seconds")?,
        seconds: number("seconds")?,
        peak_bytes: number("peak_bytes")?,
    })
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, HEADER, write};
    use crate::shell::Scratch;

    #[test]
    fn the_table_is_the_same_at_every_call_and_has_all_its_columns() {
        assert_eq!(HEADER.split(',').count(), COLUMNS);
        let scratch = Scratch::new("reading-table").unwrap();
        let text = |name: &str| {
            write(&scratch.join(name), 500).unwrap();
            std::fs::read_to_string(scratch.join(name)).unwrap()
        };
        let table = text("a.csv");
        assert_eq!(table, text("b.csv"));
        assert_eq!(table.lines().count(), 501);
        let cells = |line: &str| line.replace(", north", "").split(',').count();
        assert!(table.lines().all(|line| cells(line) == COLUMNS));
        assert!(table.contains(",NA,") && table.contains(",,"));
    }
}
