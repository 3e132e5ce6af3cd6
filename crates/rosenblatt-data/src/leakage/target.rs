//! Columns that are the target in other words.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::{MIN_ROWS, Outcome, Values, sample, value};
use crate::places::count;
use crate::{Column, ColumnData};

/// No measured quantity is correlated with another one like this.
const MIN_CORRELATION: f64 = 0.9999;
/// Without the twentieths of the rows with the smallest and the largest targets, which may make the correlation by themselves,
/// noise weighs more.
const MIN_INNER_CORRELATION: f64 = 0.999;
/// So many rows tell most columns from the target.
const SAMPLE: usize = 1024;
const MIN_SAMPLE_CORRELATION: f64 = 0.99;

/// Why the target is known where the column is, if it is.
pub(super) fn gives_away(column: &Column, outcome: &Outcome<'_>) -> Option<String> {
    of_correlation(column, outcome).or_else(|| of_values(column, outcome))
}

fn of_correlation(column: &Column, outcome: &Outcome<'_>) -> Option<String> {
    let (ColumnData::Numeric(numbers), Values::Numbers(targets)) = (&column.data, &outcome.values) else {
        return None;
    };
    let pair = |at: usize| (numbers.get(outcome.rows[at] as usize), targets[at]);
    let is_known = |pair: &(f64, f64)| !pair.0.is_nan();
    let some = correlation(sample(targets.len(), SAMPLE).map(pair).filter(is_known));
    if some.is_some_and(|some| some.abs() < MIN_SAMPLE_CORRELATION) {
        return None;
    }
    let known = || (0..targets.len()).map(pair).filter(is_known);
    let all = correlation(known()).filter(|all| all.abs() > MIN_CORRELATION)?;
    let mut pairs: Vec<(f64, f64)> = known().collect();
    pairs.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
    let rim = pairs.len() / 20;
    let inner = &pairs[rim..pairs.len() - rim];
    let is_constant = || inner.iter().all(|pair| *pair == inner[0]);
    let holds = correlation(inner.iter().copied()).is_some_and(|inner| inner.abs() > MIN_INNER_CORRELATION);
    (pairs.len() >= MIN_ROWS && (holds || is_constant())).then(|| format!("their correlation is {all:.6}"))
}

/// The correlation of pairs; none if one of both is constant.
fn correlation(pairs: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let mut first = None;
    let (mut n, mut sums, mut products) = (0.0, [0.0; 2], [0.0; 3]);
    for (x, y) in pairs {
        // Differences from the first pair keep digits.
        let (x0, y0) = *first.get_or_insert((x, y));
        let (x, y) = (x - x0, y - y0);
        n += 1.0;
        sums = [sums[0] + x, sums[1] + y];
        products = [products[0] + x * x, products[1] + x * y, products[2] + y * y];
    }
    let [xx, yy] = [products[0] - sums[0] * sums[0] / n, products[2] - sums[1] * sums[1] / n];
    let correlation = (products[1] - sums[0] * sums[1] / n) / (xx.sqrt() * yy.sqrt());
    (xx > 0.0 && yy > 0.0 && correlation.is_finite()).then_some(correlation)
}

/// Values and targets that belong together one to one, each in two rows or more.
fn of_values(column: &Column, outcome: &Outcome<'_>) -> Option<String> {
    let mut target_of: HashMap<u64, (u64, usize), FixedState> = HashMap::default();
    let mut value_of: HashMap<u64, u64, FixedState> = HashMap::default();
    let mut rows = 0;
    for (at, &row) in outcome.rows.iter().enumerate() {
        let Some(value) = value(column, row) else { continue };
        let target = outcome.key(at);
        rows += 1;
        let (known, seen) = target_of.entry(value).or_insert((target, 0));
        *seen += 1;
        // Half of the rows may be new values at most.
        if *known != target
            || *value_of.entry(target).or_insert(value) != value
            || target_of.len() > outcome.rows.len() / 2
        {
            return None;
        }
    }
    let repeat = target_of.values().all(|&(_, seen)| seen > 1);
    let what = match outcome.values {
        Values::Classes(_) => "class",
        Values::Numbers(_) => "target",
    };
    (rows >= MIN_ROWS && target_of.len() > 1 && repeat).then(|| {
        format!(
            "each of its {} has a {what} of its own",
            count(target_of.len(), "value")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Task;

    fn reason(x: Column, y: Column, task: Task) -> Option<String> {
        let rows: Vec<u64> = (0..y.data.len() as u64).collect();
        gives_away(&x, &Outcome::of(&y, &task, &rows))
    }

    fn of_numbers(x: impl Fn(usize) -> f64, y: impl Fn(usize) -> f64) -> bool {
        let column = |name, value: &dyn Fn(usize) -> f64| Column::numeric(name, (0..200).map(value).collect());
        reason(column("x", &x), column("y", &y), Task::Regression).is_some()
    }

    fn of_classes(x: impl Fn(usize) -> Option<&'static str>, y: impl Fn(usize) -> &'static str, rows: usize) -> bool {
        let x = Column::categorical("x", (0..rows).map(x));
        let y = Column::categorical("y", (0..rows).map(|i| Some(y(i))));
        let classes = ["no", "yes"].map(str::to_owned).to_vec();
        reason(x, y, Task::Classification { classes }).is_some()
    }

    /// From -1 to 1, the same for a number every time.
    fn noise(i: usize) -> f64 {
        ((i * 7919 + 13) % 1009) as f64 / 504.5 - 1.0
    }

    #[test]
    fn a_number_that_is_the_target_in_another_unit() {
        assert!(of_numbers(noise, noise));
        assert!(of_numbers(|i| 32.0 + 1.8 * noise(i), noise));
        assert!(of_numbers(|i| noise(i) + 1e-9 * noise(i + 5), noise));
        assert!(of_numbers(|i| -1e6 * noise(i), |i| 1e9 + noise(i)));
        let with_gaps = |i| if i % 3 == 0 { f64::NAN } else { noise(i) };
        assert!(of_numbers(with_gaps, noise));
        let few = |i| if i < 19 { noise(i) } else { f64::NAN };
        assert!(!of_numbers(few, noise), "too few rows to say");
    }

    #[test]
    fn numbers_that_only_go_with_the_target() {
        assert!(!of_numbers(|i| noise(i) + 0.05 * noise(i + 5), noise));
        assert!(!of_numbers(|i| noise(i).exp(), noise));
        assert!(!of_numbers(|_| 1.0, noise));
        // One row that is far out has a correlation by itself.
        let outlier = |i: usize, step| if i == 7 { 1e9 } else { noise(i + step) };
        assert!(!of_numbers(|i| outlier(i, 0), |i| outlier(i, 5)));
        assert!(!of_numbers(
            |i| noise(i).signum(),
            |i| noise(i).signum() + 0.05 * noise(i + 5)
        ));
    }

    #[test]
    fn values_that_are_names_of_the_classes() {
        let class = |i: usize| if i % 5 < 2 { "yes" } else { "no" };
        let name = |i: usize| Some(if i % 5 < 2 { "J" } else { "N" });
        assert!(of_classes(name, class, 60));
        assert!(of_classes(|i| name(i).filter(|_| i % 2 == 0), class, 60));
        assert!(!of_classes(name, class, 19), "too few rows to say");
        assert!(!of_classes(|i| if i == 9 { Some("J") } else { name(i) }, class, 60));
        let parts = |i: usize| Some(["J", "K", "N", "O", "P"][i % 5]);
        assert!(!of_classes(parts, class, 60), "a class of several values");
        assert!(!of_classes(|_| Some("J"), class, 60));
        let once = |i: usize| if i == 3 { "yes" } else { "no" };
        assert!(
            !of_classes(|i| Some(if i == 3 { "J" } else { "N" }), once, 60),
            "one row"
        );
    }

    #[test]
    fn whole_numbers_that_stand_for_classes_or_targets() {
        let coded = Column::numeric("x", (0..60).map(|i| f64::from(10 * (i % 3))).collect());
        let kinds = Column::categorical("y", (0..60).map(|i| Some(["a", "b", "c"][i % 3])));
        let classes = ["a", "b", "c"].map(str::to_owned).to_vec();
        let given = reason(coded, kinds, Task::Classification { classes });
        assert_eq!(given.as_deref(), Some("each of its 3 values has a class of its own"));
        let letters: Vec<String> = (0..60).map(|i| format!("l{}", i % 30)).collect();
        let letters = Column::categorical("x", letters.iter().map(|text| Some(text.as_str())));
        let numbers = Column::numeric("y", (0..60).map(|i| f64::from(i % 30)).collect());
        assert!(reason(letters, numbers, Task::Regression).is_some());
    }
}
