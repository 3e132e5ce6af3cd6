//! `cargo xtask bench reading`: the CSV reader compared with others.

use super::markdown;
use crate::reading::{self, ROWS, Reading};
use crate::shell::{self, Outcome, Scratch, root};

/// Reads the table with every engine, and replaces the section of `docs/performance.md`.
///
/// # Errors
/// If an engine fails, or its Python lacks pandas or polars.
pub fn run(times: usize) -> Outcome {
    let scratch = Scratch::new("bench-reading")?;
    let file = scratch.join("table.csv");
    reading::write(&file, ROWS)?;
    let bytes = std::fs::metadata(&file)?.len() as f64;
    let mut rows = Vec::new();
    let mut add = |engine: &str, took: Reading| {
        let row = line(engine, bytes, &took);
        println!("{row}");
        rows.push(row);
    };
    add("rosenblatt, 1 thread", reading::ours(&file, times)?);
    add("pandas, 1 thread", reading::by_python("pandas", 1, &file, times)?);
    add("polars, 1 thread", reading::by_python("polars", 1, &file, times)?);
    add("polars, 2 threads", reading::by_python("polars", 2, &file, times)?);
    let section = format!(
        "## Reading a CSV file of {ROWS} rows and {} columns, {:.0} MB\n\n{}, `cargo xtask bench reading --times {times}`, \
         best of {times} readings. \
         Numbers, categories, dates, gaps and quotes: see `xtask/src/reading.rs`. Other programs on the machine slow the \
         clock, so compare processor time.\n\n\
         | engine | MB/s of processor time | MB/s by the clock | memory at most, by size of the file |\n\
         |---|---|---|---|\n{}\n",
        reading::COLUMNS,
        bytes / 1e6,
        markdown::today()?,
        rows.join("\n")
    );
    let path = root().join("docs/performance.md");
    let text = markdown::with_replaced(&shell::read_or_empty(&path)?, "reading", &section)?;
    std::fs::write(&path, text)?;
    println!("wrote {}", path.display());
    Ok(())
}

fn line(engine: &str, bytes: f64, took: &Reading) -> String {
    format!(
        "| {engine} | {:.0} | {:.0} | {:.2} |",
        bytes / took.cpu_seconds / 1e6,
        bytes / took.seconds / 1e6,
        took.peak_bytes / bytes
    )
}

#[cfg(test)]
mod tests {
    use super::{Reading, line};

    #[test]
    fn figures_are_by_size_of_the_file() {
        let took = Reading {
            cpu_seconds: 2.0,
            seconds: 4.0,
            peak_bytes: 1e8,
        };
        assert_eq!(line("x", 2e8, &took), "| x | 100 | 50 | 0.50 |");
    }
}
