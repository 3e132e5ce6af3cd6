//! Columns that go from the data to the predictions as they are.

use rosenblatt_data::Frame;
use rosenblatt_tensor::Result;

/// One of them.
pub(crate) struct Passthrough {
    /// Its name.
    pub(crate) name: String,
    /// One text a row; empty where missing.
    pub(crate) cells: Vec<String>,
}

/// The named columns of a table, in the order they are asked for, for the rows that are taken.
///
/// # Errors
/// There is no such column.
pub(crate) fn keep(frame: &Frame, rows: Option<&[u64]>, names: &[String]) -> Result<Vec<Passthrough>> {
    let column = |name: &String| {
        let mut cells = frame.texts(name).map_err(|error| error.for_setting("--keep"))?;
        if let Some(rows) = rows {
            cells = rows
                .iter()
                .map(|&row| std::mem::take(&mut cells[row as usize]))
                .collect();
        }
        Ok(Passthrough {
            name: name.clone(),
            cells,
        })
    };
    names.iter().map(column).collect()
}
