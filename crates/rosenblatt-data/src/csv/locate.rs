//! Where a cell is in its file.

use rosenblatt_tensor::{Error, Result};

use super::header;
use super::place::Place;
use super::records::Records;
use crate::Input;

/// The error with `file:line:cell` before it, for a cell of a table that was read before.
///
/// Tables do not keep lines: the file is read once more, up to the row. If that cannot be done, the error has the name
/// of the file and the number of the row.
pub(crate) fn at_cell(input: &Input, delimiter: Option<u8>, (row, column): (u64, &str), error: Error) -> Error {
    at(input, delimiter, (row, Some(column)), error)
}

/// The error with `file:line` before it, for a row of a table that was read before; see [`at_cell`].
pub(crate) fn at_row(input: &Input, delimiter: Option<u8>, row: u64, error: Error) -> Error {
    at(input, delimiter, (row, None), error)
}

fn at(input: &Input, delimiter: Option<u8>, (row, column): (u64, Option<&str>), error: Error) -> Error {
    let mut left = row;
    for part in input.parts() {
        match find(part, delimiter, &mut left, column) {
            Ok(Some(place)) => return place.error(part, error),
            Ok(None) => {}
            Err(_) => break,
        }
    }
    error.within(format!("{}: row {}", input.name(), row + 1))
}

/// The place of a row `left` rows below the header, or of a cell there; if the file has fewer rows, none, and `left` is
/// how many are left.
fn find(part: &Input, delimiter: Option<u8>, left: &mut u64, column: Option<&str>) -> Result<Option<Place>> {
    let mut records = Records::open(part, delimiter)?;
    let names = header(&mut records, part)?;
    let cell = column.map(|column| names.iter().position(|name| name == column).map(|at| at + 1));
    while let Some((line, _)) = records.next()? {
        if *left == 0 {
            return Ok(match cell {
                None => Some(Place { line, cell: None }),
                Some(cell) => cell.map(|at| Place { line, cell: Some(at) }),
            });
        }
        *left -= 1;
    }
    Ok(None)
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
        let row = |row| at_row(&input, None, row, Error::data("odd")).to_string();
        assert_eq!(
            [row(0), row(1), row(2)],
            ["t.csv:2: odd", "t.csv:5: odd", "t.csv: row 3: odd"]
        );
    }

    #[test]
    fn of_several_files_the_right_one_is_named() {
        let part = |name: &str, bytes: &[u8]| Input::memory(name, bytes);
        let both = Input::several(vec![part("a.csv", b"x,y\n1,2\n3,4\n"), part("b.csv", b"y,x\n\n5,6\n")]);
        let text = |row| at_cell(&both, None, (row, "x"), Error::data("odd")).to_string();
        assert_eq!([text(1), text(2)], ["a.csv:3:1: odd", "b.csv:3:2: odd"]);
        assert!(text(3).ends_with(": row 4: odd"));
    }
}
