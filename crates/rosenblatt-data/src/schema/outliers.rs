//! Absurd numbers, by the rule of [`SoftClip`](crate::preprocess::SoftClip).

use crate::preprocess::{SHARE, Sorted, absurd_from, reach};
use crate::{Column, ColumnData, Numbers, Warning};

/// As many cells as quartiles are estimated from, evenly spaced.
const SAMPLE: usize = 4096;

/// A warning about numbers of a column that are far outside all others, if there are any.
pub(super) fn outliers(Column { name, data }: &Column) -> Option<Warning> {
    let ColumnData::Numeric(numbers) = data else {
        return None;
    };
    let sample: Vec<f64> = numbers.iter().step_by(numbers.len().div_ceil(SAMPLE).max(1)).collect();
    let sorted = Sorted::of(&sample);
    let ([lower, upper], median) = (reach(&sorted)?, sorted.median()?);
    let is_inside = |x: f64| (lower..=upper).contains(&x);
    let distance = |x: f64| (x / 2.0 - median / 2.0).abs();
    let (mut farthest, mut outside) = (0.0_f64, Vec::new());
    for x in numbers.iter().filter(|x| !x.is_nan()) {
        match is_inside(x) {
            true => farthest = farthest.max(distance(x)),
            false => outside.push(distance(x)),
        }
    }
    let from = absurd_from(farthest, outside)?;
    let is_ordinary = |x: f64| distance(x) < from;
    let count = numbers.iter().filter(|&x| distance(x) >= from).count();
    (count as f64 <= SHARE * numbers.len() as f64).then(|| warning(name, numbers, is_ordinary, count))
}

fn warning(name: &str, numbers: &Numbers, is_inside: impl Fn(f64) -> bool, count: usize) -> Warning {
    let present = || numbers.iter().enumerate().filter(|(_, x)| !x.is_nan());
    let (row, first) = present().find(|&(_, x)| !is_inside(x)).unwrap_or_default();
    let others = present().map(|(_, x)| x).filter(|&x| is_inside(x));
    let [least, most] = others.fold([f64::INFINITY, f64::NEG_INFINITY], |[least, most], x| {
        [least.min(x), most.max(x)]
    });
    Warning::Outliers {
        column: name.to_owned(),
        count,
        number: first.to_string(),
        row: row as u64 + 1,
        least: least.to_string(),
        most: most.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(numbers: impl IntoIterator<Item = f64>) -> Option<String> {
        outliers(&Column::numeric("a", numbers.into_iter().collect())).map(|warning| warning.to_string())
    }

    #[test]
    fn absurd_numbers_are_found_among_few_and_many() {
        for rows in [120, 5000, 20_000] {
            let mut numbers: Vec<f64> = (0..rows).map(|row| f64::from(row * 37 % 101)).collect();
            assert_eq!(found(numbers.clone()), None);
            numbers[7] = 1e9;
            let message = "`a`: 1 number is far outside all others, 1000000000 in row 8; the others are from 0 to 100";
            assert_eq!(found(numbers.clone()).as_deref(), Some(message));
            numbers[9] = -1e9;
            assert!(
                found(numbers)
                    .unwrap()
                    .starts_with("`a`: 2 numbers are far outside all others, such as 1000000000")
            );
        }
    }

    #[test]
    fn absurd_numbers_are_found_behind_a_long_tail() {
        let tail = |row: u32| (f64::from(row) / 150.0).exp2();
        assert_eq!(found((0..2000).map(tail)), None);
        let numbers = (0..2000).map(|row| if row == 3 { 1e9 } else { tail(row) });
        assert!(
            found(numbers)
                .unwrap()
                .starts_with("`a`: 1 number is far outside all others, 1000000000 in row 4")
        );
    }

    #[test]
    fn marks_for_missing_values_are_found() {
        let numbers = (0..500).map(|row| if row % 6 == 0 { 9999.0 } else { f64::from(row % 90) });
        assert!(
            found(numbers)
                .unwrap()
                .starts_with("`a`: 84 numbers are far outside all others, such as 9999 in row 1")
        );
    }

    #[test]
    fn skewed_and_sparse_columns_are_ordinary() {
        let skewed = (1..2000).map(|row| (f64::from(row) / 250.0).exp2());
        let counts = (0..1000).map(|row| if row % 50 == 0 { f64::from(row) / 10.0 } else { 0.0 });
        let flags = (0..1000).map(|row| f64::from(u8::from(row % 400 == 0)));
        assert_eq!([found(skewed), found(counts), found(flags)], [None, None, None]);
        for short in [&[][..], &[1.0], &[1.0, 1e9], &[f64::NAN; 3], &[2.0; 9]] {
            assert_eq!(found(short.iter().copied()), None, "{short:?}");
        }
    }
}
