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

    /// The cells of the record, as ends in bytes.
    fn record(&self) -> (&[u8], &[usize]);

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
        let (bytes, ends) = self.record();
        let start = if i == 0 { 0 } else { ends[i - 1] };
        &bytes[start..ends[i]]
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
    pub ends: Vec<usize>,
}

impl Record {
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Ends a cell whose bytes were added.
    pub fn end(&mut self) {
        self.ends.push(self.bytes.len());
    }

    pub fn push(&mut self, cell: &[u8]) {
        self.bytes.extend_from_slice(cell);
        self.end();
    }
}
