//! Rows of texts whose columns are found while they are read.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, new_null_array};
use arrow_schema::DataType;
use rosenblatt_tensor::{Error, Result};

use super::split::MAX_COLUMNS;
use super::{Dialect, ReadOptions, Reader, Rows, given_names};
use crate::places::short;
use crate::warning::Warning;

/// So many rows are handed on at once, or as many as make so many cells.
const CHUNK_ROWS: usize = 1 << 16;
const CHUNK_CELLS: usize = 1 << 18;
/// So many bytes of text are, too.
const CHUNK_BYTES: usize = 1 << 22;

/// Cells without a value are not more than four for each byte of the file, and so many.
const FREE_CELLS: u64 = 1 << 22;

/// A table whose rows name their columns.
pub(super) struct Records {
    file: String,
    names: Vec<String>,
    columns: Vec<StringBuilder>,
    /// Rows of all chunks, and of this one.
    total: u64,
    rows: usize,
    /// Bytes of text of this chunk.
    bytes: usize,
    lines: Vec<u64>,
    chunks: Vec<Rows>,
}

impl Records {
    pub fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            names: Vec::new(),
            columns: Vec::new(),
            total: 0,
            rows: 0,
            bytes: 0,
            lines: Vec::new(),
            chunks: Vec::new(),
        }
    }

    /// Whether no row has ended.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    pub fn width(&self) -> usize {
        self.names.len()
    }

    pub fn name(&self, column: usize) -> Option<&str> {
        self.names.get(column).map(String::as_str)
    }

    /// A further column; its cells above are missing.
    pub fn add_column(&mut self, name: &str) -> Result<usize> {
        if self.names.len() == MAX_COLUMNS {
            return Err(Error::data(format!("more than {MAX_COLUMNS} columns")).hint("is it a table?"));
        }
        self.names.push(name.to_owned());
        let mut column = StringBuilder::with_capacity(0, 0);
        column.append_nulls(self.rows);
        self.columns.push(column);
        Ok(self.names.len() - 1)
    }

    /// Whether the row has this cell.
    pub fn has(&self, column: usize) -> bool {
        use arrow_array::builder::ArrayBuilder;
        self.columns[column].len() > self.rows
    }

    /// Adds a cell to the row.
    pub fn push(&mut self, column: usize, text: Option<&str>) -> Result<()> {
        let cells = &mut self.columns[column];
        if cells.values_slice().len() + text.map_or(0, str::len) > i32::MAX as usize {
            return Err(Error::data(format!(
                "more than 2 GiB of text in column `{}`",
                short(&self.names[column])
            )));
        }
        cells.append_option(text);
        self.bytes += text.map_or(0, str::len);
        Ok(())
    }

    /// Ends the row; `bytes` of the file were read. Rows of line 0 have no lines.
    pub fn end_row(&mut self, line: u64, bytes: u64) -> Result<()> {
        use arrow_array::builder::ArrayBuilder;
        (self.rows, self.total) = (self.rows + 1, self.total + 1);
        for column in &mut self.columns {
            if column.len() < self.rows {
                column.append_null();
            }
        }
        if line > 0 {
            self.lines.push(line);
        }
        let cells = self.total.saturating_mul(self.names.len() as u64);
        if cells > bytes.saturating_mul(4).saturating_add(FREE_CELLS) {
            let message = format!(
                "{} columns in {} rows, most of them without a value",
                self.names.len(),
                self.total
            );
            return Err(Error::data(message).hint("do all records have the same keys?"));
        }
        let cells = self.rows * self.names.len();
        if self.rows >= CHUNK_ROWS || cells >= CHUNK_CELLS || self.bytes >= CHUNK_BYTES {
            self.end_chunk();
        }
        Ok(())
    }

    /// Ends columns that were filled one by one.
    pub fn end_columns(&mut self, rows: u64) -> Result<()> {
        let count = usize::try_from(rows).map_err(|_| Error::data("too many rows"))?;
        (self.rows, self.total) = (count, rows);
        self.end_chunk();
        Ok(())
    }

    fn end_chunk(&mut self) {
        self.bytes = 0;
        if self.rows == 0 {
            return;
        }
        let array = |column: &mut StringBuilder| Arc::new(column.finish()) as ArrayRef;
        self.chunks.push(Rows {
            columns: self.columns.iter_mut().map(array).collect(),
            rows: self.rows,
            lines: std::mem::take(&mut self.lines),
        });
        self.rows = 0;
    }

    /// All rows are read.
    pub fn finish(mut self, options: &ReadOptions) -> Result<Chunks> {
        self.end_chunk();
        if self.names.is_empty() {
            return Err(Error::data("is empty, expected rows with named columns").within(self.file));
        }
        for rows in &mut self.chunks {
            let null = || new_null_array(&DataType::Utf8, rows.rows);
            rows.columns.resize_with(self.names.len(), null);
        }
        self.chunks.reverse();
        Ok(Chunks {
            names: given_names(self.names, options, &self.file)?,
            chunks: self.chunks,
        })
    }
}

/// A table that was read as a whole.
pub(super) struct Chunks {
    names: Arc<[String]>,
    /// The last rows first.
    chunks: Vec<Rows>,
}

impl Reader for Chunks {
    fn names(&self) -> Arc<[String]> {
        Arc::clone(&self.names)
    }

    fn next(&mut self) -> Result<Option<Rows>> {
        Ok(self.chunks.pop())
    }

    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }

    fn describe(&self, _: &mut Dialect) {}
}
