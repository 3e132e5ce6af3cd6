//! Places in files.

use rosenblatt_tensor::Error;

use crate::Input;

/// A place in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Counted from 1; where the row starts, if it has several.
    pub line: u64,
    /// Counted from 1.
    pub cell: Option<usize>,
}

impl Place {
    /// The error with `file:line:cell` before it.
    pub fn error(self, input: &Input, error: Error) -> Error {
        let Self { line, cell } = self;
        error.within(match cell {
            Some(cell) => format!("{}:{line}:{cell}", input.name()),
            None => format!("{}:{line}", input.name()),
        })
    }
}
