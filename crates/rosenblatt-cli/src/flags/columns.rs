//! Columns that settings name, and the table may lack.

use rosenblatt_data::{DataOptions, Table};
use rosenblatt_tensor::{Error, Result};

/// A column that a setting names.
pub(crate) struct Named {
    /// The flag or the key.
    pub(crate) place: &'static str,
    /// The name.
    pub(crate) column: String,
}

/// An error of reading data, as one of the settings if it says that a column is missing which they name.
///
/// The reader cannot know: it finds no such column in its table, whoever asks for it.
pub(crate) fn blame(error: Error, columns: &[Named], options: &DataOptions) -> Error {
    let further = options.valid.iter().chain(&options.test);
    let of_other_file = |column: &str| {
        let mut tables = further.clone().map(|file| file.display().to_string());
        tables.any(|table| error.to_string() == missing(&table, column).to_string())
    };
    let named = columns
        .iter()
        .find(|named| missing("", &named.column).message() == error.message() && !of_other_file(&named.column));
    let Some(Named { place, .. }) = named else {
        return error;
    };
    let blamed = Error::config(error.to_string()).within(*place);
    match error.hint_text() {
        Some(hint) => blamed.hint(hint),
        None => blamed,
    }
}

/// What the reader says of a column that is not there.
fn missing(table: &str, column: &str) -> Error {
    let empty = Table::new(table, Vec::new());
    let found: Result<()> = empty.and_then(|empty| empty.column(column).map(drop));
    found
        .err()
        .unwrap_or_else(|| Error::internal("a column of an empty table"))
}

#[cfg(test)]
mod tests {
    use rosenblatt_tensor::ErrorKind;

    use super::*;

    #[test]
    fn only_a_named_column_of_the_table_itself_is_the_settings_fault() {
        let columns = [Named {
            place: "--target",
            column: "kin".to_owned(),
        }];
        let options = DataOptions {
            valid: Some("valid.csv".into()),
            ..DataOptions::default()
        };
        let blamed = |table: &str, column: &str| blame(missing(table, column).hint("h"), &columns, &options);
        let error = blamed("a.csv", "kin");
        assert_eq!(error.to_string(), "--target: a.csv: there is no column `kin`");
        assert_eq!((error.kind(), error.hint_text()), (ErrorKind::Config, Some("h")));
        assert_eq!(blamed("a.csv", "kind").kind(), ErrorKind::Data);
        assert_eq!(blamed("valid.csv", "kin").kind(), ErrorKind::Data);
        assert_eq!(blame(Error::io("full"), &columns, &options).kind(), ErrorKind::Io);
    }
}
