//! What there is to warn of in data that was read.

use std::collections::BTreeMap;

use rosenblatt_data::gaps;
use rosenblatt_data::preprocess::Fitted;
use rosenblatt_data::{ColumnKind, Prepared};

/// Fewer rows for a category, on average, and it is nearly a name of its row.
const FEW_ROWS: usize = 3;

/// Fewer categories are nobody's names.
const FEW_CATEGORIES: usize = 5;

/// What was inferred, without the lines about the whole data.
pub(crate) fn of_columns(description: &[String]) -> Vec<String> {
    let whole = ["task: ", "features: ", "rows: "];
    let lines = description
        .iter()
        .filter(|line| !whole.iter().any(|start| line.starts_with(start)));
    lines.cloned().collect()
}

/// A warning about columns of texts that are nearly different in every row.
///
/// Columns whose kind is given are meant so.
pub(crate) fn nearly_unique(data: &Prepared, given: &BTreeMap<String, ColumnKind>) -> Option<String> {
    let rows = data.train.rows();
    let categories = |steps: &[Fitted]| match steps {
        [Fitted::OneHot(known)] => known.categories(),
        [Fitted::CategoryCode(known)] => known.levels.len() + known.rare.len(),
        _ => 0,
    };
    let columns = data
        .preprocessing
        .columns
        .iter()
        .filter(|steps| !given.contains_key(&steps.column));
    let found = columns.map(|steps| (&*steps.column, categories(&steps.steps)));
    let found: Vec<_> = found
        .filter(|&(_, categories)| is_nearly_unique(categories, rows))
        .collect();
    let (first, _) = found.first()?;
    let columns = gaps::columns(
        found
            .iter()
            .map(|(column, categories)| format!("`{column}` {categories}")),
    );
    Some(format!(
        "nearly as many categories as the {rows} training rows: {columns}; `--drop {first}` leaves it \
         out, `--categorical {first}` keeps it without this warning"
    ))
}

fn is_nearly_unique(categories: usize, rows: usize) -> bool {
    categories >= FEW_CATEGORIES && rows < FEW_ROWS * categories
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_small_tables_are_told_apart() {
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
