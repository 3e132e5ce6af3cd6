//! The order of the rows.

use super::{MIN_ROWS, Outcome, Values};
use crate::dates::DateKind;
use crate::dates::given::Given;
use crate::split::days;
use crate::{Column, ColumnData, DataOptions, Numbers, Warning};

/// Fewer different ones in order are often due to chance.
const MIN_STEPS: usize = 10;

/// A warning if the rows are in the order of a column of dates, or in the opposite one.
pub(super) fn sorted_by_time(column: &Column, options: &DataOptions) -> Option<Warning> {
    let ColumnData::Categorical(texts) = &column.data else {
        return None;
    };
    let spelling = Given::of(options, &column.name).spelling(texts.levels().iter())?;
    if matches!(
        spelling.kind,
        DateKind::TimeOfDay | DateKind::Duration | DateKind::MinuteDuration
    ) {
        return None;
    }
    let days = days(texts, &spelling);
    is_sorted(days.into_iter().filter(|day| !day.is_nan())).then(|| Warning::SortedByTime {
        column: column.name.clone(),
    })
}

/// Whether numbers never fall or never rise, and change several times.
fn is_sorted(mut numbers: impl Iterator<Item = f64>) -> bool {
    let Some(mut last) = numbers.next() else { return false };
    let (mut rises, mut falls) = (0, 0);
    for number in numbers {
        rises += usize::from(number > last);
        falls += usize::from(number < last);
        if rises > 0 && falls > 0 {
            return false;
        }
        last = number;
    }
    rises.max(falls) + 1 >= MIN_STEPS
}

/// Whether a column has different whole numbers, of which at most half are left out, and rows in their order are sorted by the
/// target.
pub(super) fn numbers_rows_sorted_by(column: &Column, outcome: &Outcome<'_>) -> bool {
    let ColumnData::Numeric(numbers) = &column.data else {
        return false;
    };
    let Some(order) = by_number(numbers, outcome.rows) else {
        return false;
    };
    match &outcome.values {
        Values::Numbers(targets) => is_sorted(order.into_iter().map(|at| targets[at])),
        Values::Classes(classes) => {
            let mut sorted = classes.clone();
            sorted.sort_unstable();
            let sizes: Vec<usize> = sorted.chunk_by(|a, b| a == b).map(<[u64]>::len).collect();
            let largest = sizes.iter().max().copied().unwrap_or(0);
            let changes = order.windows(2).filter(|pair| classes[pair[0]] != classes[pair[1]]);
            classes.len() - largest >= MIN_STEPS && changes.count() + 1 == sizes.len()
        }
    }
}

/// The places of rows in the order of their numbers, if these number them.
fn by_number(numbers: &Numbers, rows: &[u64]) -> Option<Vec<usize>> {
    if rows.len() < MIN_ROWS {
        return None;
    }
    let number = |&row: &u64| numbers.get(row as usize);
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for number in rows.iter().map(number) {
        if number.fract() != 0.0 {
            return None; // Or missing.
        }
        (low, high) = (low.min(number), high.max(number));
    }
    let slots = high - low + 1.0;
    if slots > 2.0 * rows.len() as f64 || slots < rows.len() as f64 {
        return None;
    }
    let mut places = vec![None; slots as usize];
    for (at, row) in rows.iter().enumerate() {
        let slot = &mut places[(number(row) - low) as usize];
        if slot.replace(at).is_some() {
            return None;
        }
    }
    Some(places.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Task;

    #[test]
    fn dates_in_one_order() {
        let sorted = |days: &[u32]| {
            let texts: Vec<String> = days.iter().map(|day| format!("2024-01-{day:02}")).collect();
            let column = Column::categorical("d", texts.iter().map(|text| Some(text.as_str())));
            sorted_by_time(&column, &DataOptions::default()).is_some()
        };
        let up: Vec<u32> = (1..31).map(|day: u32| day.div_ceil(2)).collect();
        let down: Vec<u32> = up.iter().rev().copied().collect();
        assert!(sorted(&up) && sorted(&down));
        assert!(!sorted(&[&up[..], &[1]].concat()), "not the last row");
        assert!(!sorted(&[[1; 20], [2; 20]].concat()), "two days");
        let clock: Vec<String> = (10..40).map(|minute| format!("12:{minute}")).collect();
        let clock = Column::categorical("d", clock.iter().map(|text| Some(text.as_str())));
        assert!(sorted_by_time(&clock, &DataOptions::default()).is_none(), "of no day");
    }

    fn numbered(number: impl Fn(usize) -> f64, class: impl Fn(usize) -> &'static str) -> bool {
        let rows: Vec<u64> = (0..60).collect();
        let y = Column::categorical("y", (0..60).map(|i| Some(class(i))));
        let classes = ["a", "b", "c"].map(str::to_owned).to_vec();
        let outcome = Outcome::of(&y, &Task::Classification { classes }, &rows);
        numbers_rows_sorted_by(&Column::numeric("x", (0..60).map(number).collect()), &outcome)
    }

    #[test]
    fn numbers_of_rows_that_are_sorted_by_class() {
        let blocks = |i: usize| ["b", "a", "c"][i / 20];
        assert!(numbered(|i| 1.0 + i as f64, blocks));
        assert!(numbered(|i| 100.0 - i as f64, blocks));
        assert!(numbered(|i| (i + i / 2) as f64, blocks), "some were left out");
        // The rows were shuffled after they were numbered.
        assert!(numbered(
            |i| ((i * 7) % 60) as f64,
            |i| ["b", "a", "c"][(i * 7) % 60 / 20]
        ));
        assert!(!numbered(|i| i as f64, |i| ["a", "b", "c"][i % 3]));
        assert!(!numbered(|i| 0.5 + i as f64, blocks));
        assert!(!numbered(|i| (i / 2) as f64, blocks), "each twice");
        assert!(!numbered(|i| (i * i) as f64, blocks), "a quantity");
        assert!(
            !numbered(|i| i as f64, |i| if i < 2 { "a" } else { "b" }),
            "often by chance"
        );
    }

    #[test]
    fn numbers_of_rows_that_are_sorted_by_a_number() {
        let rows: Vec<u64> = (0..60).collect();
        let sorted = |targets: Vec<f64>| {
            let y = Column::numeric("y", targets);
            let outcome = Outcome::of(&y, &Task::Regression, &rows);
            numbers_rows_sorted_by(&Column::numeric("x", (0..60).map(f64::from).collect()), &outcome)
        };
        assert!(sorted((0..60).map(|i| f64::from(i * i)).collect()));
        assert!(!sorted((0..60).map(|i| f64::from((i * 7) % 60)).collect()));
    }
}
