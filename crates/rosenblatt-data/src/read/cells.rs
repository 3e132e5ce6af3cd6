//! Cells of some rows, as text formats give them, and as columns of Arrow.

use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use rosenblatt_tensor::{Error, Result};

use super::columns::Columns;
use super::rows::Span;
use super::text::Encoding;

/// Some rows: those of few columns are kept by column, others by row.
pub(super) struct Chunk {
    cells: Cells,
    columns: Option<Columns>,
    /// Bytes and cells so far.
    bytes: usize,
    count: usize,
}

/// Cells of some rows, one after another.
pub(super) struct Cells {
    /// Number of cells in a row.
    width: usize,
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

/// What is wrong with a cell.
pub(super) struct WrongCell {
    pub row: usize,
    pub column: usize,
    pub error: Error,
}

/// So many bytes of text are handed on at once, or a little more: parts of a few columns are large enough for memory of their own.
const CHUNK_BYTES: usize = 1 << 23;

/// So many cells are handed on at once.
const CHUNK_CELLS: usize = 1 << 20;

/// So many rows are handed on at once: each has the number of its line.
const CHUNK_ROWS: usize = 1 << 16;

/// The longest row.
pub(super) const MAX_ROW_BYTES: usize = 1 << 30;

/// From so many columns on they share their memory: an allocation for each would be larger than their cells.
const MANY_COLUMNS: usize = 1 << 10;

impl Chunk {
    /// No row yet, of `width` cells each.
    pub fn new(width: usize) -> Self {
        Self {
            cells: Cells::new(width),
            columns: (width < MANY_COLUMNS).then(|| Columns::new(width)),
            bytes: 0,
            count: 0,
        }
    }

    /// Adds a row; `cells` says where its cells are in `record`.
    ///
    /// # Errors
    /// The row is longer than [`MAX_ROW_BYTES`].
    pub fn push(&mut self, record: &[u8], cells: &[Span]) -> Result<()> {
        let end = cells.last().map_or(0, |cell| cell.end as usize);
        if end > MAX_ROW_BYTES {
            return Err(Error::data("a row of more than 1 GiB").hint("is a quote missing?"));
        }
        match &mut self.columns {
            Some(columns) => columns.push(record, cells),
            None => cells.iter().for_each(|cell| self.cells.push_cell(cell.of(record))),
        }
        self.bytes += end;
        self.count += cells.len();
        Ok(())
    }

    pub fn is_full(&self) -> bool {
        // By row they lie in a cache, as they are looked at once more.
        let share = if self.columns.is_some() { 1 } else { 16 };
        let cells = (CHUNK_CELLS / share).min(CHUNK_ROWS.saturating_mul(self.cells.width));
        self.bytes >= CHUNK_BYTES / share || self.count >= cells
    }

    pub fn rows(&self) -> usize {
        self.count.checked_div(self.cells.width).unwrap_or(0)
    }

    /// The columns; nothing is left.
    ///
    /// Text that is not UTF-8 is taken for windows-1252 if all text before was ASCII (`encoding` says so from then on), unless
    /// the encoding is given.
    ///
    /// # Errors
    /// The first cell that is not text.
    pub fn take_columns(&mut self, text: &mut TextState) -> std::result::Result<Vec<ArrayRef>, WrongCell> {
        (self.bytes, self.count) = (0, 0);
        if let Some(columns) = &mut self.columns {
            let ascii = columns.are_ascii();
            if (ascii || !text.is_fallback() && columns.are_texts())
                && let Some(arrays) = columns.take_arrays()
            {
                text.ascii &= ascii;
                return Ok(arrays);
            }
            // What is wrong is found row by row.
            self.cells = columns.in_rows();
            columns.clear();
        }
        self.cells.take_columns(text)
    }
}

impl Cells {
    pub fn new(width: usize) -> Self {
        Self {
            width,
            bytes: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Adds a cell.
    pub fn push_cell(&mut self, cell: &[u8]) {
        self.bytes.extend_from_slice(cell);
        self.ends.push(self.bytes.len() as u32);
    }

    fn rows(&self) -> usize {
        self.ends.len().checked_div(self.width).unwrap_or(0)
    }

    fn cell(&self, row: usize, column: usize) -> &[u8] {
        let at = row * self.width + column;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[start as usize..self.ends[at] as usize]
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// See [`Chunk::take_columns`].
    fn take_columns(&mut self, text: &mut TextState) -> std::result::Result<Vec<ArrayRef>, WrongCell> {
        if !text.is_fallback() {
            match std::str::from_utf8(&self.bytes) {
                Ok(_) => text.ascii &= self.bytes.is_ascii(),
                // Characters of UTF-8 before the first that is none: the file is damaged.
                Err(error) => {
                    text.ascii &= self.bytes[..error.valid_up_to()].is_ascii();
                    if !text.given && text.ascii {
                        text.encoding = Encoding::WINDOWS_1252;
                    }
                }
            }
        }
        if text.is_fallback() {
            self.decode(text.encoding);
        }
        let arrays = self.columns().ok_or_else(|| self.wrong_cell())?;
        self.clear();
        Ok(arrays)
    }

    /// Columns that are parts of one piece of memory.
    fn columns(&self) -> Option<Vec<ArrayRef>> {
        let (rows, width) = (self.rows(), self.width);
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut offsets: Vec<i32> = Vec::with_capacity((rows + 1) * width);
        let mut starts = Vec::with_capacity(width + 1);
        for column in 0..width {
            let start = bytes.len();
            starts.push(start);
            offsets.push(0);
            for row in 0..rows {
                bytes.extend_from_slice(self.cell(row, column));
                offsets.push(i32::try_from(bytes.len() - start).ok()?);
            }
        }
        starts.push(bytes.len());
        let (bytes, offsets) = (Buffer::from_vec(bytes), ScalarBuffer::from(offsets));
        let part = |column: usize| {
            let values = bytes.slice_with_length(starts[column], starts[column + 1] - starts[column]);
            array(offsets.slice(column * (rows + 1), rows + 1), values)
        };
        (0..width).map(part).collect()
    }

    /// Decodes every cell.
    fn decode(&mut self, encoding: Encoding) {
        let mut decoded = Self::new(self.width);
        for at in 0..self.ends.len() {
            let cell = self.cell(at / self.width, at % self.width);
            let text = encoding.decode(cell).unwrap_or_default();
            decoded.bytes.extend_from_slice(text.as_bytes());
            decoded.ends.push(decoded.bytes.len() as u32);
        }
        *self = decoded;
    }

    /// The first cell that is not UTF-8.
    fn wrong_cell(&self) -> WrongCell {
        let places = (0..self.rows()).flat_map(|row| (0..self.width).map(move |column| (row, column)));
        let wrong = |(row, column)| {
            let error = not_utf8(self.cell(row, column)).err()?;
            Some(WrongCell { row, column, error })
        };
        places.into_iter().find_map(wrong).unwrap_or_else(|| WrongCell {
            row: 0,
            column: 0,
            error: Error::data("more than 2 GiB of text"),
        })
    }
}

/// Texts of a column; none if they are not UTF-8.
pub(super) fn array(offsets: ScalarBuffer<i32>, values: Buffer) -> Option<ArrayRef> {
    let array = StringArray::try_new(OffsetBuffer::new(offsets), values, None);
    array.ok().map(|array| Arc::new(array) as ArrayRef)
}

/// What is known of the encoding of a text while it is read.
#[derive(Clone, Copy)]
pub(super) struct TextState {
    pub encoding: Encoding,
    /// Whether it is given.
    pub given: bool,
    /// Whether all text so far is ASCII.
    pub ascii: bool,
}

impl TextState {
    /// Whether text that is not UTF-8 was found and taken for windows-1252.
    fn is_fallback(self) -> bool {
        self.encoding == Encoding::WINDOWS_1252 && !self.given
    }

    /// The text of a cell that is not UTF-8, if all text before was ASCII and no encoding is given.
    pub fn fallback(&mut self, cell: &[u8]) -> Option<String> {
        if self.given || !self.ascii {
            return None;
        }
        self.encoding = Encoding::WINDOWS_1252;
        self.encoding.decode(cell)
    }
}

/// The text of a cell.
///
/// # Errors
/// It is not UTF-8.
pub(super) fn not_utf8(cell: &[u8]) -> Result<&str> {
    std::str::from_utf8(cell).map_err(|e| {
        let blanks = cell.len() - cell.trim_ascii_start().len();
        let at = e.valid_up_to().saturating_sub(blanks);
        let error = Error::data(format!("not UTF-8 after {at} bytes of the cell"));
        error.hint(
            rosenblatt_tensor::Advice::new("save the file as UTF-8, or name its encoding with ")
                .setting("data.encoding"),
        )
    })
}
