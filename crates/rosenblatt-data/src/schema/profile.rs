//! What a column seems to be, and why.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use serde::Serialize;

use super::identifies_rows;
use crate::categories::counts;
use crate::dates::Orders;
use crate::places::{count, short};
use crate::warning::{Warning, place_of};
use crate::{Column, ColumnData, Dictionary, MISSING, Numbers, Table};

/// What the cells of a column seem to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Inferred {
    /// Quantities.
    Numeric,
    /// Names of categories.
    Categorical,
    /// Two values that say yes and no.
    Boolean,
    /// Days, with or without a time, times of day, or durations.
    Date,
    /// Says which row this is, rather than anything about it.
    Identifier,
    /// Sentences.
    FreeText,
    /// One value at most.
    Constant,
}

/// One column of a table, looked at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Profile {
    /// As in the header.
    pub name: String,
    /// What its cells seem to be.
    pub kind: Inferred,
    /// Why.
    pub reason: String,
    /// Number of missing cells.
    pub missing: usize,
    /// Number of different values.
    pub distinct: usize,
    /// The smallest and the largest, of numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
    /// The most frequent ones and their number of cells, of texts; ties in the order of the texts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frequent: Vec<(String, usize)>,
}

/// How many frequent values are kept.
const FREQUENT: usize = 3;

/// Pairs that say no and yes, in lower case, ascending.
const BOOLEANS: [[&str; 2]; 5] = [["false", "true"], ["no", "yes"], ["f", "t"], ["n", "y"], ["off", "on"]];

impl Profile {
    /// Looks at a column; `warnings` are those of its file.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::schema::{Inferred, Profile};
    /// let answers = rosenblatt_data::Column::categorical("fits", [Some("yes"), None, Some("no"), Some("yes")]);
    /// let profile = Profile::of(&answers, &[]);
    /// assert_eq!((profile.kind, profile.missing, profile.distinct), (Inferred::Boolean, 1, 2));
    /// assert_eq!(profile.frequent[0], ("yes".to_owned(), 2));
    /// ```
    #[must_use]
    pub fn of(column: &Column, warnings: &[Warning]) -> Self {
        let missing = column.data.len() - column.present_rows().len();
        let mut profile = match &column.data {
            ColumnData::Numeric(values) => of_numbers(values),
            ColumnData::Categorical(texts) => of_texts(texts),
        };
        profile.name.clone_from(&column.name);
        profile.missing = missing;
        if profile.kind != Inferred::Constant {
            if let Some(reason) = identifies_rows(column).filter(|_| !is_settled(profile.kind)) {
                (profile.kind, profile.reason) = (Inferred::Identifier, reason);
            }
            // That a date is not a number is no news.
            let about = |warning: &&Warning| profile.kind != Inferred::Date && warning.column() == Some(&column.name);
            for warning in warnings.iter().filter(about) {
                if let Warning::ReadAsText {
                    file,
                    line,
                    row,
                    text,
                    reason,
                    ..
                } = warning
                {
                    let place = place_of(*line, *row, file.as_deref());
                    profile.reason += &format!("; `{text}` in {place} {reason}");
                }
            }
        }
        profile
    }
}

/// Whether many different values are no sign of an identifier.
fn is_settled(kind: Inferred) -> bool {
    matches!(kind, Inferred::Date | Inferred::FreeText | Inferred::Boolean)
}

fn of_numbers(values: &Numbers) -> Profile {
    let mut sorted: Vec<f64> = values.iter().filter(|x| !x.is_nan()).map(|x| x + 0.0).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.dedup();
    let range = sorted.first().zip(sorted.last()).map(|(&low, &high)| [low, high]);
    let (kind, reason) = match (&sorted[..], range) {
        ([], _) => (Inferred::Constant, "no cell has a value".to_owned()),
        ([only], _) => (Inferred::Constant, format!("all values are {only}")),
        ([0.0, 1.0], _) => (Inferred::Boolean, "0 and 1".to_owned()),
        _ => (Inferred::Numeric, "all values are numeric".to_owned()),
    };
    profile(kind, reason, sorted.len(), range, Vec::new())
}

fn of_texts(texts: &Dictionary) -> Profile {
    let cells = counts(texts).into_iter();
    let mut frequent: Vec<(&str, u64)> = texts
        .levels()
        .iter()
        .zip(cells)
        .filter(|(_, cells)| *cells > 0)
        .collect();
    let used: Vec<&str> = frequent.iter().map(|(text, _)| *text).collect();
    let present: u64 = frequent.iter().map(|(_, cells)| cells).sum();
    let (kind, reason) = kind_of_texts(&used, present);
    let distinct = frequent.len();
    frequent.sort_by_key(|&(_, cells)| std::cmp::Reverse(cells));
    let frequent = frequent.into_iter().take(FREQUENT);
    profile(
        kind,
        reason,
        distinct,
        None,
        frequent.map(|(text, cells)| (short(text), cells as usize)).collect(),
    )
}

fn profile(
    kind: Inferred,
    reason: String,
    distinct: usize,
    range: Option<[f64; 2]>,
    frequent: Vec<(String, usize)>,
) -> Profile {
    Profile {
        name: String::new(),
        kind,
        reason,
        missing: 0,
        distinct,
        range,
        frequent,
    }
}

fn kind_of_texts(levels: &[&str], cells: u64) -> (Inferred, String) {
    const WORDS_OF_A_SENTENCE: usize = 4;
    /// Texts that come so often are categories with long names.
    const ROWS_OF_A_CATEGORY: u64 = 10;
    match levels {
        [] => return (Inferred::Constant, "no cell has a value".to_owned()),
        [only] => {
            return (Inferred::Constant, format!("all values are `{}`", short(only)));
        }
        _ => {}
    }
    let mut lower: Vec<String> = levels.iter().map(|text| text.to_lowercase()).collect();
    lower.sort_unstable();
    lower.dedup();
    if let Some([no, yes]) = BOOLEANS.iter().find(|pair| lower == **pair) {
        let reason = if levels.len() == 2 {
            format!("`{no}` and `{yes}`")
        } else {
            format!("`{no}` and `{yes}` in {}", count(levels.len(), "spelling"))
        };
        return (Inferred::Boolean, reason);
    }
    if let Some(spelling) = Orders::of(levels.iter().copied()).of_all_texts() {
        let usual = || "dates, year first".to_owned();
        return (Inferred::Date, spelling.summary().unwrap_or_else(usual));
    }
    let words: usize = levels.iter().map(|text| text.split_whitespace().count()).sum();
    if words >= WORDS_OF_A_SENTENCE * levels.len() && cells < ROWS_OF_A_CATEGORY * levels.len() as u64 {
        return (
            Inferred::FreeText,
            format!("{} words each on average", words / levels.len()),
        );
    }
    (Inferred::Categorical, count(levels.len(), "distinct value"))
}

/// How many rows are duplicates of one above.
#[must_use]
pub fn repeated_rows(table: &Table) -> usize {
    let columns: Vec<&ColumnData> = table.each_column().map(|column| &column.data).collect();
    let key = |row: usize| {
        columns.iter().map(move |data| match data {
            ColumnData::Numeric(values) => (values.get(row) + 0.0).to_bits(),
            ColumnData::Categorical(texts) => u64::from(texts.codes()[row]),
        })
    };
    let hasher = FixedState::default();
    let hash = |row: usize| {
        let mut state = hasher.build_hasher();
        key(row).for_each(|cell| state.write_u64(cell));
        state.finish()
    };
    let mut rows: HashTable<usize> = HashTable::new();
    let row_bytes = columns.len() * size_of::<f64>();
    let is_new = |&row: &usize| match rows.entry(hash(row), |&other| key(other).eq(key(row)), |&other| hash(other)) {
        Entry::Occupied(_) => false,
        Entry::Vacant(place) => {
            place.insert(row);
            true
        }
    };
    let touched = |row: &usize| {
        const ROWS: usize = 1 << 12;
        if row.is_multiple_of(ROWS) {
            table.store().touch(|| ROWS * row_bytes);
        }
    };
    table.len() - (0..table.len()).inspect(touched).filter(is_new).count()
}

/// Whether a column has one value at most.
pub(super) fn is_constant(data: &ColumnData) -> bool {
    fn are_equal(mut values: impl Iterator<Item = u64>) -> bool {
        values.next().is_none_or(|first| values.all(|value| value == first))
    }
    match data {
        ColumnData::Numeric(values) => are_equal(values.iter().filter(|x| !x.is_nan()).map(|x| (x + 0.0).to_bits())),
        ColumnData::Categorical(texts) => are_equal(
            texts
                .codes()
                .iter()
                .filter(|&&code| code != MISSING)
                .map(|&code| u64::from(code)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(cells: &[&str]) -> (Inferred, String) {
        let column = Column::categorical("c", cells.iter().map(|&text| Some(text)));
        let profile = Profile::of(&column, &[]);
        (profile.kind, profile.reason)
    }

    #[test]
    fn texts_and_what_they_seem_to_be() {
        for (cells, expected, reason) in [
            (&["x", "y", "x"][..], Inferred::Categorical, "2 distinct values"),
            (&["x", "x"], Inferred::Constant, "all values are `x`"),
            (&[], Inferred::Constant, "no cell has a value"),
            (&["Yes", "no"], Inferred::Boolean, "`no` and `yes`"),
            (
                &["True", "false", "TRUE"],
                Inferred::Boolean,
                "`false` and `true` in 3 spellings",
            ),
            (
                &["2024-01-31", "2024-12-01T10:00:00Z"],
                Inferred::Date,
                "dates, year first",
            ),
            (&["31/12/2024", "01/02/2024"], Inferred::Date, "dates, day first"),
            (&["12/31/2024", "01/02/2024"], Inferred::Date, "dates, month first"),
            (
                &["01/02/2024", "03/04/2024"],
                Inferred::Categorical,
                "2 distinct values",
            ),
            (
                &["2024-01-31 10:00 UTC", "31.12.2024"],
                Inferred::Date,
                "dates, day first",
            ),
            (
                &["31/12/2024", "12/31/2024"],
                Inferred::Categorical,
                "2 distinct values",
            ),
            (
                &["2024-13-01", "2024-01-01"],
                Inferred::Categorical,
                "2 distinct values",
            ),
            (
                &["the cat sat on it", "the dog did not do so"],
                Inferred::FreeText,
                "5 words each on average",
            ),
        ] {
            assert_eq!(kind(cells), (expected, reason.to_owned()), "{cells:?}");
        }
    }

    #[test]
    fn long_names_that_come_often_are_categories() {
        let species = [
            "Adelie Penguin (Pygoscelis adeliae)",
            "Gentoo penguin (Pygoscelis papua)",
        ];
        let rows = |each: usize| kind(&species.repeat(each));
        assert_eq!(rows(10), (Inferred::Categorical, "2 distinct values".to_owned()));
        assert_eq!(rows(9), (Inferred::FreeText, "4 words each on average".to_owned()));
    }

    #[test]
    fn numbers_and_what_they_seem_to_be() {
        let of = |name: &str, values: &[f64]| Profile::of(&Column::numeric(name, values.to_vec()), &[]);
        let numbers = of("x", &[2.5, f64::NAN, -1.0, 2.5]);
        assert_eq!(
            (numbers.kind, numbers.missing, numbers.distinct),
            (Inferred::Numeric, 1, 2)
        );
        assert_eq!(numbers.range, Some([-1.0, 2.5]));
        assert_eq!(of("x", &[0.0, 1.0, -0.0]).kind, Inferred::Boolean);
        assert_eq!(of("x", &[f64::NAN]).kind, Inferred::Constant);
        assert_eq!(of("x", &[0.0, -0.0]).kind, Inferred::Constant);
        assert_eq!(of("id", &[3.0, 1.0, 2.0]).kind, Inferred::Identifier);
    }

    #[test]
    fn equal_rows_are_counted() {
        let x = Column::numeric("x", vec![1.0, f64::NAN, 1.0, f64::NAN, 1.0, 0.0, -0.0]);
        let y = Column::categorical("y", [Some("a"), None, Some("a"), None, Some("b"), Some("a"), Some("a")]);
        assert_eq!(repeated_rows(&Table::new("t", vec![x, y]).unwrap()), 3);
        assert_eq!(repeated_rows(&Table::new("t", vec![]).unwrap()), 0);
    }
}
