//! Where a table was read from.

use rosenblatt_tensor::Error;

use crate::csv::{at_cell, at_row};
use crate::{CellError, Input};

/// What it takes to find rows of a dataset in the files of its table again.
#[derive(Clone, Debug)]
pub(crate) struct RowOrigins {
    input: Input,
    delimiter: Option<u8>,
    /// For each row its number in the table.
    rows: Vec<u64>,
}

impl RowOrigins {
    /// The error with `file:line` before it.
    pub(crate) fn place(&self, row: usize, error: Error) -> Error {
        match self.rows.get(row) {
            Some(&row) => at_row(&self.input, self.delimiter, row, error),
            None => error,
        }
    }

    /// Those of some of the rows, which there are.
    pub(crate) fn select(&self, rows: &[u64]) -> Self {
        Self {
            rows: rows.iter().map(|&row| self.rows[row as usize]).collect(),
            ..self.clone()
        }
    }
}

/// What it takes to find a cell of a table in its files again.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) input: &'a Input,
    /// The delimiter, if it was given.
    pub(super) delimiter: Option<u8>,
}

impl Origin<'_> {
    /// That of some rows of the table.
    pub(super) fn of_rows(self, rows: &[u64]) -> RowOrigins {
        RowOrigins {
            input: self.input.clone(),
            delimiter: self.delimiter,
            rows: rows.to_vec(),
        }
    }

    /// The error with `file:line:cell` before it, if it speaks of a cell.
    pub(super) fn place(self, error: CellError) -> Error {
        error.placed(|cell, error| at_cell(self.input, self.delimiter, (cell.row, &cell.column), error))
    }
}
