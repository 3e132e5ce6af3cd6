//! What there is to say of data that was read.

use std::collections::BTreeMap;

use rosenblatt_data::csv::Oddity;
use rosenblatt_data::gaps;
use rosenblatt_data::{ColumnKind, LeftOut, Prepared};

use crate::ui::quoted;

/// Everything that was inferred and decided, one line each, with the flags that answer it.
pub(crate) fn lines(data: &Prepared) -> Vec<String> {
    let remarks = &data.remarks;
    let left_out = remarks.left_out.iter().map(LeftOut::to_string);
    let oddities = remarks.oddities.iter().map(odd);
    let others = remarks.others.iter().cloned();
    data.summary
        .iter()
        .cloned()
        .chain(left_out)
        .chain(oddities)
        .chain(others)
        .collect()
}

/// A cell that keeps a column from being one of numbers or dates; if it may mean a missing value, with the flag that says so.
pub(crate) fn odd(oddity: &Oddity) -> String {
    if !oddity.may_mean_missing() {
        return oddity.to_string();
    }
    // A text of dashes would be taken for a flag.
    let between = if oddity.text.starts_with('-') { '=' } else { ' ' };
    let text = quoted(&oddity.text);
    format!("{oddity}; if it means a missing value, add `--missing{between}{text}`")
}

/// A warning about columns of texts that are different in nearly every row, with the flags that answer it.
pub(crate) fn nearly_unique(data: &Prepared, given: &BTreeMap<String, ColumnKind>) -> Option<String> {
    let found = data.nearly_unique(given);
    let first = &found.first()?.column;
    let columns = found.iter().map(|one| format!("`{}` {}", one.column, one.categories));
    let (columns, rows) = (gaps::columns(columns), data.train.len());
    Some(format!(
        "nearly as many categories as the {rows} training rows: {columns}; `--drop {first}` leaves it \
         out, `--categorical {first}` keeps it without this warning"
    ))
}
