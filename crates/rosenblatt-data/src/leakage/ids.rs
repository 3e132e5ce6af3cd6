//! Columns that say whose row it is.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use super::{Outcome, Values, sample, value};
use crate::warning::Part;
use crate::{Column, ColumnData, Warning};

type Map<K, V> = HashMap<K, V, FixedState>;

/// Fewer values are more often kinds than subjects: of a device, of an account.
const MIN_VALUES: usize = 10;
/// Without a name that says so, more values.
const MIN_UNNAMED: usize = 20;
/// Share of the variance of the target within values that leaves it nearly constant there.
const MAX_WITHIN: f64 = 0.01;
/// So many rows tell most columns from names of subjects.
const SAMPLE: usize = 1024;

/// What names of such columns end with.
const SUBJECTS: [&str; 18] = [
    "id",
    "ids",
    "uid",
    "uuid",
    "guid",
    "subjid",
    "usubjid",
    "patid",
    "patient",
    "subject",
    "participant",
    "person",
    "user",
    "customer",
    "client",
    "account",
    "device",
    "group",
];
/// What may follow it.
const AFTER: [&str; 7] = ["id", "no", "nr", "number", "num", "code", "name"];

/// A warning if a column is called like one of subjects, and at least half of the rows have their value in common with others.
pub(super) fn repeated(column: &Column, rows: &[u64]) -> Option<Warning> {
    let mut sizes: Map<u64, usize> = HashMap::default();
    if !is_called_subject(&column.name) {
        return None;
    }
    let ids = ids(column, rows)?;
    ids.iter().for_each(|id| *sizes.entry(*id).or_insert(0) += 1);
    let shared: usize = sizes.values().filter(|&&size| size > 1).sum();
    (sizes.len() >= MIN_VALUES && 2 * shared >= rows.len()).then(|| Warning::RepeatedIds {
        column: column.name.clone(),
        count: shared,
        rows: rows.len(),
        part: None,
    })
}

/// A warning if at least half of the held out rows have a value that training rows have, and the column is called like one of
/// subjects, or the target is nearly constant within its values.
pub(super) fn on_both_sides(
    column: &Column,
    train: &[u64],
    (part, held_out): (Part, &[u64]),
    outcome: &Outcome<'_>,
) -> Option<Warning> {
    if !is_called_subject(&column.name) && !decides(column, outcome) {
        return None;
    }
    let known: HashSet<u64, FixedState> = ids(column, train)?.into_iter().collect();
    let ids = ids(column, held_out)?;
    let count = ids.iter().filter(|&id| known.contains(id)).count();
    (known.len() >= MIN_VALUES && 2 * count >= held_out.len()).then(|| Warning::RepeatedIds {
        column: column.name.clone(),
        count,
        rows: held_out.len(),
        part: Some(part),
    })
}

/// The values of some rows that have one; none if they are numbers with fractions.
fn ids(column: &Column, rows: &[u64]) -> Option<Vec<u64>> {
    if let ColumnData::Numeric(numbers) = &column.data
        && rows.iter().any(|&row| numbers.get(row as usize).fract().abs() > 0.0)
    {
        return None;
    }
    Some(rows.iter().filter_map(|&row| value(column, row)).collect())
}

/// Whether a name ends with a word such as patient, or with one and `id`: `PatientId`, `customer no`.
fn is_called_subject(name: &str) -> bool {
    let words = words(name);
    match &words[..] {
        // An age group is none.
        [_, .., last] if last == "group" => false,
        [.., last] if SUBJECTS.contains(&last.as_str()) => true,
        [.., subject, last] => AFTER.contains(&last.as_str()) && SUBJECTS.contains(&subject.as_str()),
        _ => false,
    }
}

/// The words of a name in lower case, `CustomerId` as two, without digits.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        if !letter.is_alphabetic() || was_lower && letter.is_uppercase() {
            words.push(String::new());
        }
        was_lower = letter.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphabetic()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a column has many values, nearly all in several rows, and the target is nearly constant within them. Of numbers it
/// may not be so because near numbers have near targets.
fn decides(column: &Column, outcome: &Outcome<'_>) -> bool {
    let rows = outcome.rows;
    let some = Within::of(column, outcome, sample(rows.len(), SAMPLE));
    let is_clear = |within: &Within| within.pairs >= SAMPLE as f64 / 16.0 && within.share > 0.5;
    if some.is_none_or(|some| rows.len() > SAMPLE && is_clear(&some)) {
        return false;
    }
    let Some(within) = Within::of(column, outcome, 0..rows.len()) else {
        return false;
    };
    let is_smooth = || matches!(column.data, ColumnData::Numeric(_)) && within.neighbors < 0.5;
    let repeats = 10 * within.repeated >= 9 * rows.len();
    within.values >= MIN_UNNAMED && repeats && within.share <= MAX_WITHIN && !is_smooth()
}

/// How the target is spread within the values of a column.
struct Within {
    values: usize,
    /// Rows that have their value in common with another one.
    repeated: usize,
    /// Pairs of rows of one value.
    pairs: f64,
    /// The variance of the target within values, of classes the share of pairs that differ, as a part of that over all.
    share: f64,
    /// The same between values that follow each other: about 1 if their order says nothing.
    neighbors: f64,
}

impl Within {
    /// None if they are numbers with fractions, or the target is constant.
    fn of(column: &Column, outcome: &Outcome<'_>, places: impl Iterator<Item = usize>) -> Option<Self> {
        let mut spreads: Map<u64, Spread> = HashMap::default();
        let numbers = match &column.data {
            ColumnData::Numeric(numbers) => Some(numbers),
            ColumnData::Categorical(_) => None,
        };
        for at in places {
            let row = outcome.rows[at];
            if numbers.is_some_and(|numbers| numbers.get(row as usize).fract().abs() > 0.0) {
                return None;
            }
            let Some(id) = value(column, row) else { continue };
            spreads.entry(id).or_default().add(outcome, at);
        }
        let repeated = spreads.values().filter(|spread| spread.n > 1);
        let pairs: f64 = repeated.clone().map(Spread::weight).sum();
        let differing: f64 = repeated.clone().map(|spread| spread.variance() * spread.weight()).sum();
        let rows = repeated.map(|spread| spread.n).sum();
        let overall = Some(outcome.variance).filter(|variance| *variance > 0.0)?;
        Some(Self {
            values: spreads.len(),
            repeated: rows,
            pairs,
            share: differing / pairs / overall,
            neighbors: match numbers {
                Some(_) => neighbors(spreads),
                None => 1.0,
            },
        })
    }
}

/// The variance between values that follow each other as numbers, as a part of that between any two.
fn neighbors(spreads: Map<u64, Spread>) -> f64 {
    let mut sorted: Vec<(f64, Typical)> = spreads
        .into_iter()
        .map(|(id, spread)| (f64::from_bits(id), spread.typical()))
        .collect();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let distance = |a: &Typical, b: &Typical| match (a, b) {
        (Typical::Number(a), Typical::Number(b)) => (a - b) * (a - b),
        (Typical::Class(a), Typical::Class(b)) => f64::from(u8::from(a != b)),
        _ => 0.0,
    };
    let next: f64 = sorted.windows(2).map(|pair| distance(&pair[0].1, &pair[1].1)).sum();
    // Of values that are far from each other: half of all of them lie between.
    let half = sorted.len() / 2;
    let far: f64 = sorted
        .iter()
        .zip(&sorted[half..])
        .map(|(a, b)| distance(&a.1, &b.1))
        .sum();
    let (next, far) = (
        next / (sorted.len().max(2) - 1) as f64,
        far / (sorted.len() - half).max(1) as f64,
    );
    next / far.max(f64::MIN_POSITIVE)
}

/// What the rows of a value have most, or in the mean.
enum Typical {
    Class(u64),
    Number(f64),
}

/// Targets of some rows.
#[derive(Default)]
struct Spread {
    n: usize,
    mean: f64,
    squares: f64,
    classes: Vec<(u64, usize)>,
}

impl Spread {
    fn add(&mut self, outcome: &Outcome<'_>, at: usize) {
        self.n += 1;
        match &outcome.values {
            Values::Numbers(numbers) => {
                let distance = numbers[at] - self.mean;
                self.mean += distance / self.n as f64;
                self.squares += distance * (numbers[at] - self.mean);
            }
            Values::Classes(classes) => match self.classes.iter_mut().find(|(class, _)| *class == classes[at]) {
                Some((_, n)) => *n += 1,
                None => self.classes.push((classes[at], 1)),
            },
        }
    }

    /// Degrees of freedom.
    fn weight(&self) -> f64 {
        (self.n - 1) as f64
    }

    /// Of numbers their variance, of classes the share of pairs that differ.
    fn variance(&self) -> f64 {
        if self.classes.is_empty() {
            return self.squares / self.weight();
        }
        let n = self.n as f64;
        let equal: f64 = self.classes.iter().map(|&(_, n)| (n * (n - 1)) as f64).sum();
        1.0 - equal / (n * (n - 1.0))
    }

    fn typical(&self) -> Typical {
        let most = self.classes.iter().max_by_key(|&&(class, n)| (n, class));
        most.map_or(Typical::Number(self.mean), |&(class, _)| Typical::Class(class))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Task;

    #[test]
    fn names_of_subjects() {
        for name in [
            "id",
            "ID",
            "patient",
            "Patient ID",
            "patient_id",
            "PatientId",
            "customerID",
            "customer no",
            "user_name",
            "subject1",
            "group",
            "store-id",
            "USUBJID",
        ] {
            assert!(is_called_subject(name), "{name}");
        }
        for name in [
            "paid",
            "age group size",
            "age_group",
            "patients",
            "identity",
            "device type",
            "",
            "7",
            "grid",
            "customer segment",
            "name",
        ] {
            assert!(!is_called_subject(name), "{name}");
        }
    }

    fn texts(name: &str, cells: impl Fn(usize) -> String) -> Column {
        let cells: Vec<String> = (0..400).map(cells).collect();
        Column::categorical(name, cells.iter().map(|text| Some(text.as_str())))
    }

    /// Whether the column is told with a target of classes, or of numbers.
    fn told(column: &Column, y: &Column) -> bool {
        let rows: Vec<u64> = (0..400).collect();
        let task = match y.data {
            ColumnData::Numeric(_) => Task::Regression,
            ColumnData::Categorical(_) => Task::Classification { classes: Vec::new() },
        };
        let outcome = Outcome::of(y, &task, &rows);
        on_both_sides(column, &rows[..300], (Part::Valid, &rows[300..]), &outcome).is_some()
    }

    /// A number for each of 40 subjects that says nothing of their order.
    fn trait_of(subject: usize) -> f64 {
        ((subject * 7919 + 3) % 101) as f64
    }

    #[test]
    fn subjects_are_known_by_their_name_or_by_what_they_have_in_common() {
        let ill = texts("y", |i| ["no", "yes"][trait_of(i % 40) as usize % 2].to_owned());
        let dose = Column::numeric("y", (0..400).map(|i| trait_of(i % 40) + 0.1 * (i % 7) as f64).collect());
        let free = Column::numeric("y", (0..400).map(trait_of).collect());
        let named = texts("patient", |i| format!("p{}", i % 40));
        let unnamed = texts("who", |i| format!("p{}", i % 40));
        let numbers = Column::numeric("who", (0..400).map(|i| (i % 40) as f64).collect());
        for y in [&ill, &dose] {
            assert!(told(&named, y) && told(&unnamed, y) && told(&numbers, y));
        }
        assert!(told(&named, &free), "by its name");
        assert!(!told(&unnamed, &free) && !told(&numbers, &free));
        assert!(!told(&texts("group", |i| format!("g{}", i % 9)), &free), "few");
        assert!(!told(&texts("patient", |i| format!("p{i}")), &free), "one row each");
    }

    #[test]
    fn quantities_that_decide_the_target_are_not_subjects() {
        let x = Column::numeric("x", (0..400).map(|i| (i % 40) as f64).collect());
        let curve = Column::numeric("y", (0..400).map(|i| ((i % 40) * (i % 40)) as f64).collect());
        assert!(!told(&x, &curve));
        let above = texts("y", |i| ["low", "high"][usize::from(i % 40 > 25)].to_owned());
        assert!(!told(&x, &above));
        assert!(!told(&texts("city", |i| format!("c{}", i % 15)), &curve), "few values");
    }

    #[test]
    fn half_of_the_rows_of_a_table_have_their_value_in_common() {
        let rows: Vec<u64> = (0..400).collect();
        let shared = |of_each: fn(usize) -> usize| {
            let column = texts("patient", |i| format!("p{}", of_each(i)));
            repeated(&column, &rows).is_some()
        };
        assert!(shared(|i| i / 4));
        assert!(shared(|i| if i < 200 { i / 2 } else { i }));
        assert!(!shared(|i| if i < 198 { i / 2 } else { i }));
        assert!(!shared(|i| i % 9), "few values");
    }
}
