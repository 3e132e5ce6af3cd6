//! A large table is read quickly, into little memory.

use super::{Context, Proof};
use crate::reading::{self, ROWS, Reading};
use crate::shell::Outcome;

/// See the module.
pub static PROOF: Proof = Proof {
    name: "reading",
    claim: "A CSV file of 1,000,000 rows and 20 columns is read at 100 MB/s on one core or faster, in at most twice its size and the \
            processor time of pandas (`--alone` leaves pandas out); the same rows from Parquet in a third of it.",
    run,
};

const MIN_MEGABYTES_A_SECOND: f64 = 100.0;
const MAX_MEMORY: f64 = 2.0;
const MAX_PARQUET: f64 = 1.0 / 3.0;
/// Readings of each kind, one after another in turn; their medians count.
const TIMES: usize = 5;

fn run(context: &mut Context) -> Outcome {
    let alone = context.args.flag("--alone");
    context.args.finish()?;
    let (csv, parquet) = (context.scratch.join("table.csv"), context.scratch.join("table.parquet"));
    reading::write(&csv, ROWS)?;
    reading::write_parquet(&csv, &parquet)?;
    let bytes = std::fs::metadata(&csv)?.len() as f64;
    let report = &mut context.report;
    report.note("size of the CSV file, MB", format!("{:.1}", bytes / 1e6));
    let mut takings: [Vec<Reading>; 3] = Default::default();
    for _ in 0..TIMES {
        takings[0].push(reading::ours(&csv, 1)?);
        takings[1].push(reading::ours(&parquet, 1)?);
        if !alone {
            takings[2].push(reading::by_python("pandas", 1, &csv, 1)?);
        }
    }
    let [of_csv, of_parquet, of_pandas] = takings.each_ref().map(|taken| median(taken, |taken| taken.cpu_seconds));
    report.note(
        "MB/s by the clock",
        format!("{:.0}", bytes / median(&takings[0], |taken| taken.seconds) / 1e6),
    );
    let speed = bytes / of_csv / 1e6;
    let fast = speed >= MIN_MEGABYTES_A_SECOND;
    let limit = format!(">= {MIN_MEGABYTES_A_SECOND}");
    report.line("MB/s of processor time", format!("{speed:.0}"), limit, fast);
    report.note("CSV, seconds of processor time", format!("{of_csv:.3}"));
    report.note("Parquet, seconds of processor time", format!("{of_parquet:.3}"));
    report.at_most("Parquet, by the time of CSV", of_parquet / of_csv, MAX_PARQUET);
    if !alone {
        report.note("pandas, seconds of processor time", format!("{of_pandas:.3}"));
        report.at_most("CSV, by the time of pandas", of_csv / of_pandas, 1.0);
    }
    for (name, takings) in [("CSV", &takings[0]), ("Parquet", &takings[1])] {
        let share = median(takings, |taken| taken.peak_bytes) / bytes;
        report.at_most(
            format!("{name}: memory at most, by size of the CSV file"),
            share,
            MAX_MEMORY,
        );
    }
    Ok(())
}

fn median(takings: &[Reading], figure: impl Fn(&Reading) -> f64) -> f64 {
    let mut figures: Vec<f64> = takings.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
