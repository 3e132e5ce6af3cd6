//! Where rows of texts come from: whatever splits a file into records.

use std::io::{BufRead, Read};

use rosenblatt_tensor::{Error, Result};

use super::cells::MAX_ROW_BYTES;
use super::split::LineCounts;
use crate::places::read_error;

/// Records of texts, one after the other.
pub(super) trait RowSource {
    /// Skips lines, whatever they hold.
    fn skip_lines(&mut self, lines: u64) -> Result<()>;

    /// Takes the next record and returns the line where it starts, or `None` at the end. One of many more than `width` cells
    /// may be refused before it is read as a whole.
    fn next(&mut self, width: usize) -> Result<Option<u64>>;

    /// The bytes of the record, and where its cells are in them.
    fn record(&self) -> (&[u8], &[Span]);

    /// Gives back the memory of a long record, which is used up.
    fn release(&mut self) {}

    /// What errors call the file.
    fn name(&self) -> &str;

    /// The error with the place before it.
    fn refuse(&self, error: Error, line: u64, cell: Option<usize>) -> Error {
        at(self.name(), error, line, cell)
    }

    /// What lines there were.
    fn lines(&self) -> LineCounts;

    /// Number of cells of the record.
    fn len(&self) -> usize {
        self.record().1.len()
    }

    /// A cell of the record, counted from 0.
    fn cell(&self, i: usize) -> &[u8] {
        let (bytes, cells) = self.record();
        cells[i].of(bytes)
    }
}

/// Where a cell is in the bytes of its record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// No record has more than [`MAX_ROW_BYTES`].
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    /// The cell in the bytes of its record.
    pub fn of(self, record: &[u8]) -> &[u8] {
        &record[self.start as usize..self.end as usize]
    }
}

/// The error with `file:line:cell` before it.
pub(super) fn at(file: &str, error: Error, line: u64, cell: Option<usize>) -> Error {
    error.within(match cell {
        Some(cell) => format!("{file}:{line}:{cell}"),
        None => format!("{file}:{line}"),
    })
}

/// Lines of a text whose cells do not run over line ends.
pub(super) struct Lines {
    source: Box<dyn BufRead>,
    pub name: String,
    line_end: u8,
    /// The line that was read last.
    pub line: u64,
    pub text: Vec<u8>,
    pub counts: LineCounts,
}

impl Lines {
    pub fn new(source: Box<dyn BufRead>, name: &str, line_end: u8) -> Self {
        Self {
            source,
            name: name.to_owned(),
            line_end,
            line: 0,
            text: Vec::new(),
            counts: LineCounts::default(),
        }
    }

    /// Reads a line without its end; false if there is none.
    ///
    /// # Errors
    /// It cannot be read, is too long, or holds a NUL byte.
    pub fn next(&mut self) -> Result<bool> {
        self.text.clear();
        let mut source = self.source.by_ref().take(MAX_ROW_BYTES as u64);
        let read = source.read_until(self.line_end, &mut self.text);
        if read.map_err(|e| read_error(&self.name, &e))? == 0 {
            return Ok(false);
        }
        self.line += 1;
        if self.text.len() == MAX_ROW_BYTES {
            return Err(self.refuse(Error::data("a row of more than 1 GiB"), self.line, None));
        }
        if self.text.pop_if(|byte| *byte == self.line_end).is_some() {
            let returned = self.text.pop_if(|byte| *byte == b'\r').is_some();
            self.counts.lines += 1;
            self.counts.returns += u64::from(returned || self.line_end == b'\r');
        }
        if memchr::memchr(0, &self.text).is_some() {
            let error = Error::data("a NUL byte, expected text").hint("is it a table?");
            return Err(self.refuse(error, self.line, None));
        }
        Ok(true)
    }

    pub fn refuse(&self, error: Error, line: u64, cell: Option<usize>) -> Error {
        at(&self.name, error, line, cell)
    }
}

/// The cells of a record, one after another.
#[derive(Default)]
pub(super) struct Record {
    pub bytes: Vec<u8>,
    cells: Vec<Span>,
}

impl Record {
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.cells.clear();
    }

    /// Ends a cell whose bytes were added.
    pub fn end(&mut self) {
        let start = self.cells.last().map_or(0, |cell| cell.end);
        // A longer record is refused where its cells are taken.
        let end = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.cells.push(Span { start, end });
    }

    pub fn push(&mut self, cell: &[u8]) {
        self.bytes.extend_from_slice(cell);
        self.end();
    }

    /// Number of cells that have ended.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// The bytes, and where the cells are in them.
    pub fn parts(&self) -> (&[u8], &[Span]) {
        (&self.bytes, &self.cells)
    }

    /// The cells one by one.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.cells.iter().map(|cell| cell.of(&self.bytes))
    }
}
