//! Errors that speak of one cell.

use std::fmt;

use rosenblatt_tensor::Error;

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The row, counted from 0.
    pub row: u64,
    /// The name of its column.
    pub column: String,
}

/// What is wrong with a table, and with which cell if it is one.
///
/// Tables keep neither lines nor files. Whoever read the table knows them and makes `file:line:cell` of the cell; for
/// others the number of the row has to do, counted from 1: that is what becomes of it as an [`Error`].
///
/// # Example
/// ```
/// use rosenblatt_data::{Column, Task};
/// let error = Task::Regression.encode(&Column::numeric("y", vec![1.0, 1e99]), &[0, 1]).unwrap_err();
/// assert_eq!((error.cell().unwrap().row, error.cell().unwrap().column.as_str()), (1, "y"));
/// assert!(error.to_string().starts_with("row 2: target `y`: 1e99 exceeds the largest float32"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellError {
    error: Error,
    cell: Option<Cell>,
}

impl CellError {
    /// An error about a cell; `error` does not say where it is.
    #[must_use]
    pub fn at(row: u64, column: impl Into<String>, error: Error) -> Self {
        let column = column.into();
        let cell = Some(Cell { row, column });
        Self { error, cell }
    }

    /// The cell, if it is one.
    #[must_use]
    pub fn cell(&self) -> Option<&Cell> {
        self.cell.as_ref()
    }

    /// What is wrong, with the place as `at` says it, if it is a cell.
    #[must_use]
    pub fn placed(self, at: impl FnOnce(&Cell, Error) -> Error) -> Error {
        match &self.cell {
            Some(cell) => at(cell, self.error),
            None => self.error,
        }
    }
}

impl From<Error> for CellError {
    fn from(error: Error) -> Self {
        Self { error, cell: None }
    }
}

impl From<CellError> for Error {
    fn from(error: CellError) -> Self {
        error.placed(|cell, error| error.within(format!("row {}", cell.row + 1)))
    }
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Error::from(self.clone()).fmt(f)
    }
}

impl std::error::Error for CellError {}
