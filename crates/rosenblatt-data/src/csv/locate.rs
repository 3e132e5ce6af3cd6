//! Where a cell stands.

use rosenblatt_tensor::{Error, Result};

use super::builder::Place;
use super::header;
use super::records::Records;
use crate::Input;

/// The error with `file:line:cell` before it, for a cell of a table that was read before.
///
/// Tables do not keep lines: the file is read once more, up to the row. If that cannot be done, the error has the name
/// of the file and the number of the row.
pub(crate) fn at_cell(input: &Input, delimiter: Option<u8>, (row, column): (u64, &str), error: Error) -> Error {
    match find(input, delimiter, row, column) {
        Ok(Some(place)) => place.error(input, error),
        _ => error.within(format!("{}: row {}", input.name(), row + 1)),
    }
}

/// The place of a cell; none if the file has no such cell any more.
fn find(input: &Input, delimiter: Option<u8>, row: u64, column: &str) -> Result<Option<Place>> {
    let mut records = Records::open(input, delimiter)?;
    let names = header(&mut records, input)?;
    for _ in 0..row {
        records.next()?;
    }
    let line = records.next()?.map(|(line, _)| line);
    let cell = names.iter().position(|name| name == column);
    Ok(line.zip(cell).map(|(line, cell)| Place {
        line,
        cell: Some(cell + 1),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_as_people_do() {
        let input = Input::memory("t.csv", *b"a;b\n1;\"x\ny\"\n\n2;z\n");
        let text = |row, column| at_cell(&input, None, (row, column), Error::data("odd")).to_string();
        assert_eq!(text(0, "a"), "t.csv:2:1: odd");
        assert_eq!(text(1, "b"), "t.csv:5:2: odd");
        assert_eq!(text(2, "b"), "t.csv: row 3: odd");
        assert_eq!(text(0, "c"), "t.csv: row 1: odd");
    }
}
