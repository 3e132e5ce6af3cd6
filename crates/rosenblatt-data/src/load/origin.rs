//! Where a table was read from.

use rosenblatt_tensor::Error;

use crate::csv::at_cell;
use crate::{CellError, Input};

/// What it takes to find a cell of a table in its files again.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) input: &'a Input,
    /// The delimiter, if it was given.
    pub(super) delimiter: Option<u8>,
}

impl Origin<'_> {
    /// The error with `file:line:cell` before it, if it speaks of a cell.
    pub(super) fn place(self, error: CellError) -> Error {
        error.placed(|cell, error| at_cell(self.input, self.delimiter, (cell.row, &cell.column), error))
    }
}
