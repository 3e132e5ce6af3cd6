//! The section of `docs/performance.md` that a run of the benches replaces.

use std::process::Command;

use super::{Series, Task, Unit, median, minimum};
use crate::shell::{self, Outcome};

/// What the file holds before the first run.
const PREFACE: &str = "# Performance\n\nMeasured by `cargo xtask bench peers`: two threads each, in turn, in one sitting. \
     A ratio is the peer's median over ours.\nJAX drops the short last batch of an epoch.\n";

/// `text` with the task's section replaced, or added at the end.
///
/// # Errors
/// If the date cannot be had or a section was not closed.
pub fn with_section(text: &str, task: &Task, series: &[Series], rounds: usize) -> Outcome<String> {
    let section = section(task, series, rounds, &today()?);
    with_replaced(text, &format!("peers: {}", task.name), &section)
}

/// The date, as year, month and day.
///
/// # Errors
/// If it cannot be had.
pub fn today() -> Outcome<String> {
    let date = shell::capture(Command::new("date").args(["-u", "+%Y-%m-%d"]))?;
    Ok(date.trim().to_owned())
}

/// `text` with the section of this mark replaced, or added at the end.
///
/// # Errors
/// If a section was not closed.
pub fn with_replaced(text: &str, mark: &str, section: &str) -> Outcome<String> {
    let (begin, end) = (format!("<!-- {mark} -->"), format!("<!-- end of {mark} -->"));
    let text = if text.is_empty() { PREFACE } else { text };
    let Some((head, rest)) = text.split_once(&begin) else {
        return Ok(format!("{}\n\n{begin}\n{section}{end}\n", text.trim_end()));
    };
    let (_, tail) = rest
        .split_once(&end)
        .ok_or_else(|| format!("docs/performance.md: `{end}` is missing"))?;
    Ok(format!("{head}{begin}\n{section}{end}{tail}"))
}

fn section(task: &Task, series: &[Series], rounds: usize, date: &str) -> String {
    let (unit, digits) = match task.unit {
        Unit::SecondsAnEpoch => ("s an epoch", 3),
        Unit::MicrosecondsAStep => ("µs a step", 1),
    };
    let ours = series.first().map_or(f64::NAN, |first| median(&first.figures));
    let mut text = format!(
        "## {}\n\n{date}, `cargo xtask bench peers --task {} --rounds {rounds}`\n\n\
         | engine | median, {unit} | minimum | ratio to ours | loss of the last round | probe, GF/s |\n\
         |---|---|---|---|---|---|\n",
        task.title, task.name
    );
    for one in series {
        let (middle, least) = (median(&one.figures), minimum(&one.figures));
        text += &format!(
            "| {} | {middle:.digits$} | {least:.digits$} | {:.2} | {:.4} | {:.1} |\n",
            one.engine,
            middle / ours,
            one.loss,
            median(&one.probes)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Series, with_section};
    use crate::bench::TASKS;

    #[test]
    fn a_second_run_replaces_its_own_section_only() {
        let series = |figure| {
            [Series {
                engine: "ours",
                figures: vec![figure],
                probes: vec![1.0],
                loss: 0.5,
            }]
        };
        let one = with_section("", &TASKS[0], &series(1.0), 1).unwrap();
        let two = with_section(&one, &TASKS[1], &series(2.0), 1).unwrap();
        let three = with_section(&two, &TASKS[0], &series(3.0), 1).unwrap();
        assert!(
            three.contains("| ours | 3.000 |")
                && three.contains("| ours | 2.000 |")
                && !three.contains("1.000 | 1.000")
        );
        assert_eq!(three.matches("<!-- peers:").count(), 2);
        assert!(
            with_section(
                &format!("<!-- peers: {} -->", TASKS[2].name),
                &TASKS[2],
                &series(1.0),
                1
            )
            .is_err()
        );
    }
}
