//! Where the rows of a dataset were read from.

use std::sync::Arc;

use rosenblatt_tensor::Error;

use crate::Table;
use crate::frame::Places;

/// Where the rows of a dataset stand in the files of its table.
#[derive(Clone, Debug)]
pub(crate) struct RowOrigins {
    table: String,
    places: Arc<Places>,
    /// For each row its number in the table.
    rows: Vec<u64>,
}

impl RowOrigins {
    /// Those of some rows of a table.
    pub(super) fn of(table: &Table, rows: &[u64]) -> Self {
        Self {
            table: table.name().to_owned(),
            places: Arc::clone(table.places()),
            rows: rows.to_vec(),
        }
    }

    /// For each row its number in the table.
    pub(crate) fn rows(&self) -> &[u64] {
        &self.rows
    }

    /// The error with `file:line` before it.
    pub(crate) fn place(&self, row: usize, error: Error) -> Error {
        match self.rows.get(row) {
            Some(&row) => self.places.at_row(&self.table, row, error),
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
