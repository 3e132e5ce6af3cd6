//! What there is to warn of in data that was read.

use std::collections::BTreeMap;

use rosenblatt_data::gaps;
use rosenblatt_data::{ColumnKind, Prepared};

/// A warning about columns of texts that are different in nearly every row, with the flags that answer it.
pub(crate) fn nearly_unique(data: &Prepared, given: &BTreeMap<String, ColumnKind>) -> Option<String> {
    let found = data.nearly_unique(given);
    let first = &found.first()?.column;
    let columns = found.iter().map(|one| format!("`{}` {}", one.column, one.categories));
    let (columns, rows) = (gaps::columns(columns), data.train.rows());
    Some(format!(
        "nearly as many categories as the {rows} training rows: {columns}; `--drop {first}` leaves it \
         out, `--categorical {first}` keeps it without this warning"
    ))
}
