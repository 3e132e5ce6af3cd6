//! Columns that say which row this is.

use std::collections::BTreeMap;

use crate::places::count;
use crate::{Column, ColumnData, ColumnKind, MISSING, Preprocessing, Warning};

/// Why a column says which row this is rather than anything about it, if it does.
///
/// - Different whole numbers, or texts such as `007`, under a name like `id`, `rowid`, `index`, `customer_id`, `PassengerId`, or none.
/// - More than 50 distinct values, fewer than two rows for each on average.
#[must_use]
pub fn identifies_rows(column: &Column) -> Option<String> {
    const FEW_TEXTS: usize = 50;
    match &column.data {
        ColumnData::Numeric(values) => {
            let mut sorted: Vec<f64> = values.iter().filter(|x| x.fract() == 0.0).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let different = sorted.len() == values.len() && sorted.windows(2).all(|pair| pair[0] < pair[1]);
            (different && values.len() > 1 && is_called_id(&column.name)).then(|| "it numbers the rows".to_owned())
        }
        ColumnData::Categorical(texts) => {
            let (codes, levels) = (texts.codes(), texts.levels());
            let present = codes.iter().filter(|&&code| code != MISSING).count();
            let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
            let unique = present == codes.len() && present == levels.len() && present > 1;
            if unique && is_called_id(&column.name) && levels.iter().all(digits) {
                return Some("it numbers the rows".to_owned());
            }
            (levels.len() > FEW_TEXTS && levels.len() * 2 > present)
                .then(|| format!("{} in {}", count(levels.len(), "distinct value"), count(present, "row")))
        }
    }
}

/// Warnings about columns of texts that differ in nearly every one of `rows` training rows. Columns whose kind is `given` are meant to be so.
pub(crate) fn nearly_unique(
    preprocessing: &Preprocessing,
    rows: usize,
    given: &BTreeMap<String, ColumnKind>,
) -> Vec<Warning> {
    let columns = preprocessing.columns.iter();
    let counted = columns.filter_map(|steps| Some((&steps.column, steps.categories()?)));
    let found = counted.filter(|&(column, count)| is_nearly_unique(count, rows) && !given.contains_key(column));
    let warning = |(column, count): (&String, usize)| Warning::NearlyUnique {
        column: column.clone(),
        count,
        rows,
    };
    found.map(warning).collect()
}

/// Whether a column of so many categories nearly names its row: five of them or more, with fewer than three rows each on
/// average.
fn is_nearly_unique(categories: usize, rows: usize) -> bool {
    const FEW_CATEGORIES: usize = 5;
    const FEW_ROWS: usize = 3;
    categories >= FEW_CATEGORIES && rows < FEW_ROWS * categories
}

fn is_called_id(name: &str) -> bool {
    let lower = name.to_lowercase();
    let letters: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    let camel = name
        .strip_suffix("Id")
        .or(name.strip_suffix("ID"))
        .is_some_and(|s| s.ends_with(char::is_lowercase));
    matches!(
        letters.as_str(),
        "id" | "rowid" | "rowname" | "rownames" | "rownumber" | "index" | "idx"
    ) || ["_id", "-id", " id", ".id"].iter().any(|end| lower.ends_with(end))
        || lower.starts_with("unnamed")
        || camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_categories_with_fewer_than_three_rows_each_are_nearly_unique() {
        for (categories, rows, expected) in [
            (44, 44, true),
            (20, 44, true),
            (15, 44, true),
            (14, 44, false),
            (3, 3, false),
            (0, 0, false),
        ] {
            assert_eq!(is_nearly_unique(categories, rows), expected, "{categories} of {rows}");
        }
    }
}
