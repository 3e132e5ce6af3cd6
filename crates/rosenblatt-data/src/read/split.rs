//! Records of a delimited text, with the right line numbers, none lost.
//!
//! Cells are split by `csv-core`, which accepts everything. What is damaged has to be told from what is unusual, so every
//! record with a quote, a NUL byte or a stray carriage return is looked at once more: see [`super::quotes`]. Lines with nothing
//! unusual, nearly all in most files, are split where they lie: see [`super::plain`].

use std::io::BufRead;

use csv_core::{ReadRecordResult, ReaderBuilder, Terminator};
use rosenblatt_tensor::{Error, Result};

use super::cells::MAX_ROW_BYTES;
use super::plain;
use super::quotes::{Checked, Fault, check, without_blanks};
use super::rows::{RowSource, Span};
use crate::places::{count, read_error};

/// Splits a text into records.
pub(super) struct Splitter {
    source: Box<dyn BufRead>,
    /// What errors call it.
    name: String,
    core: csv_core::Reader,
    delimiter: u8,
    line_end: u8,
    comment: Option<u8>,
    /// Bytes that were read; those before `from` are used up.
    pending: Vec<u8>,
    from: usize,
    ended: bool,
    /// The line of the next byte.
    line: u64,
    lines: LineCounts,
    /// The bytes of the cells of the record and where each ends, as `csv-core` gives them.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// How many they are.
    count: usize,
    /// The cells of the record.
    cells: Vec<Span>,
    /// Where the record begins in what is pending, if its cells lie there.
    in_place: Option<usize>,
    quoted: bool,
}

/// What lines there were.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct LineCounts {
    /// Lines with a line end that is not part of a cell.
    pub lines: u64,
    /// Of these, how many end in CRLF or CR.
    pub returns: u64,
    /// Lines without any character.
    pub blank: u64,
    /// Lines of comments.
    pub comments: u64,
}

/// So many cells more than the header has are counted; with still more a record is not read to its end.
const MANY_MORE: usize = 1000;

/// The largest number of columns: each takes memory, whatever its cells are.
pub(super) const MAX_COLUMNS: usize = 1 << 18;

/// How much is read at once.
const PIECE: usize = 1 << 16;

/// The memory of longer records is given back once they are used up.
const LONG: usize = 1 << 20;

impl Splitter {
    /// At the start of a text.
    pub fn new(source: Box<dyn BufRead>, name: &str, delimiter: u8, line_end: u8) -> Self {
        let core = ReaderBuilder::new()
            .delimiter(delimiter)
            .terminator(Terminator::Any(line_end))
            .build();
        Self {
            source,
            name: name.to_owned(),
            core,
            delimiter,
            line_end,
            comment: None,
            pending: Vec::new(),
            from: 0,
            ended: false,
            line: 1,
            lines: LineCounts::default(),
            bytes: vec![0; 256],
            ends: vec![0; 16],
            count: 0,
            cells: Vec::new(),
            in_place: None,
            quoted: false,
        }
    }

    /// The same without lines that begin with this character.
    pub fn without_comments(mut self, comment: Option<u8>) -> Self {
        self.comment = comment;
        self
    }

    fn skip_line(&mut self) -> Result<()> {
        loop {
            let found = memchr::memchr(self.line_end, &self.pending[self.from..]);
            self.from += found.map_or(self.pending.len() - self.from, |at| at + 1);
            if found.is_some() || !self.fill()? {
                self.line += 1;
                return Ok(());
            }
        }
    }

    fn skip_blank_lines_and_comments(&mut self) -> Result<()> {
        while self.from < self.pending.len() || self.fill()? {
            match self.pending[self.from] {
                byte if byte == self.line_end => {
                    self.from += 1;
                    (self.line, self.lines.blank) = (self.line + 1, self.lines.blank + 1);
                    self.lines.lines += 1;
                }
                byte if self.comment == Some(byte) => {
                    self.lines.comments += 1;
                    self.skip_line()?;
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Splits a record, and returns how many bytes it and blank lines before it have; `None` if none is left.
    fn split(&mut self, width: usize) -> Result<Option<usize>> {
        let (mut taken, mut length) = (0, 0);
        self.count = 0;
        loop {
            let input = &self.pending[self.from + taken..];
            if input.is_empty() && !self.ended {
                self.fill()?;
                continue;
            }
            let (result, read, written, ended) =
                self.core
                    .read_record(input, &mut self.bytes[length..], &mut self.ends[self.count..]);
            (taken, length, self.count) = (taken + read, length + written, self.count + ended);
            if self.count > width + MANY_MORE {
                return Err(self.too_many(width));
            }
            match result {
                ReadRecordResult::Record => return Ok(Some(taken)),
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.grow(taken)?,
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
            }
        }
    }

    fn too_many(&self, width: usize) -> Error {
        let error = match width {
            MAX_COLUMNS => Error::data(format!("more than {MAX_COLUMNS} columns")).hint("is it a table?"),
            _ => {
                let message = format!("{} or more, but the header has {width}", count(self.count, "cell"));
                Error::data(message).hint(MORE_CELLS)
            }
        };
        self.refuse(error, self.line, None)
    }

    /// Makes room for a longer record.
    fn grow(&mut self, taken: usize) -> Result<()> {
        if taken > MAX_ROW_BYTES {
            let error = Error::data("a row of more than 1 GiB").hint("is a quote missing?");
            return Err(self.refuse(error, self.line, None));
        }
        // A long row may be no row at all: that is known before all of it is read.
        let read = &self.pending[self.from..self.from + taken];
        if memchr::memchr(0, read).is_some()
            && let Checked::Fault(fault @ Fault::Nul, cell, below) = check(read, self.delimiter, self.line_end)
        {
            return Err(self.refuse(error_of(fault), self.line + below, Some(cell)));
        }
        let room = self.bytes.len() / if self.bytes.len() > LONG { 4 } else { 2 };
        self.bytes.reserve_exact(room);
        self.bytes.resize(self.bytes.len() + room, 0);
        Ok(())
    }

    /// Looks at the bytes of a record, counts its lines and takes a carriage return away from its last cell; false if it has
    /// to be split again.
    fn check(&mut self, record: std::ops::Range<usize>) -> Result<bool> {
        let bytes = &self.pending[record.clone()];
        let ended = bytes.last() == Some(&self.line_end);
        let returned = bytes.ends_with(b"\r\n");
        let first = memchr::memchr3(b'"', 0, b'\r', bytes);
        self.quoted = false;
        let mut lines = u64::from(ended);
        let is_usual = |at: usize| bytes[at] == b'\r' && (at + 2 == bytes.len() && returned || self.line_end == b'\r');
        if let Some(at) = first
            && !is_usual(at)
        {
            match check(bytes, self.delimiter, self.line_end) {
                Checked::Fine => {}
                Checked::BlanksBeforeQuotes => {
                    let without = without_blanks(bytes, self.delimiter, self.line_end);
                    self.pending.splice(record, without);
                    return Ok(false);
                }
                Checked::Fault(fault, cell, below) => {
                    return Err(self.refuse(error_of(fault), self.line + below, Some(cell)));
                }
            }
            self.quoted = memchr::memchr(b'"', bytes).is_some();
            lines = memchr::memchr_iter(self.line_end, bytes).count() as u64;
        }
        self.line += lines;
        self.lines.lines += u64::from(ended);
        self.lines.returns += u64::from(ended && (returned || self.line_end == b'\r'));
        if let Some(last) = self.count.checked_sub(1)
            && self.line_end == b'\n'
            && self.bytes[..self.ends[last]].ends_with(b"\r")
            && last
                .checked_sub(1)
                .is_none_or(|before| self.ends[before] < self.ends[last])
        {
            self.ends[last] -= 1;
        }
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let cells = starts.zip(&self.ends).take(self.count);
        self.cells.clear();
        self.cells.extend(cells.map(|(start, &end)| Span::new(start, end)));
        self.in_place = None;
        Ok(true)
    }

    /// Splits the next record where it lies, if it is a line with nothing unusual; see [`plain::cells`].
    fn split_in_place(&mut self, width: usize) -> bool {
        let pending = &self.pending[self.from..];
        // The first record is left to `csv-core`, which looks for a byte order mark there.
        if self.line_end != b'\n' || self.count == 0 {
            return false;
        }
        let Some(length) = memchr::memchr(b'\n', pending) else {
            return false;
        };
        let returned = pending[..length].ends_with(b"\r");
        let line = &pending[..length - usize::from(returned)];
        let Some(quoted) = plain::cells(line, self.delimiter, &mut self.cells) else {
            return false;
        };
        if self.cells.len() > width + MANY_MORE {
            return false;
        }
        self.quoted = quoted;
        self.in_place = Some(self.from);
        self.from += length + 1;
        self.line += 1;
        self.lines.lines += 1;
        self.lines.returns += u64::from(returned);
        true
    }

    fn is_blank(&self) -> bool {
        self.cells.len() == 1 && self.cell(0).is_empty() && !self.quoted
    }

    /// Reads more bytes; false at the end.
    fn fill(&mut self) -> Result<bool> {
        if self.from > self.pending.len() / 2 {
            self.pending.drain(..self.from);
            self.from = 0;
        }
        let piece = self.source.fill_buf().map_err(|e| read_error(&self.name, &e))?;
        let taken = piece.len().min(PIECE);
        if self.pending.len() + taken > self.pending.capacity() {
            self.pending.reserve_exact(taken.max(self.pending.len() / 4));
        }
        self.pending.extend_from_slice(&piece[..taken]);
        self.source.consume(taken);
        self.ended = taken == 0;
        Ok(!self.ended)
    }
}

impl RowSource for Splitter {
    fn skip_lines(&mut self, lines: u64) -> Result<()> {
        for _ in 0..lines {
            self.skip_line()?;
        }
        Ok(())
    }

    fn next(&mut self, width: usize) -> Result<Option<u64>> {
        loop {
            self.skip_blank_lines_and_comments()?;
            let line = self.line;
            if !self.split_in_place(width) {
                let Some(length) = self.split(width)? else {
                    return Ok(None);
                };
                let record = self.from..self.from + length;
                if !self.check(record.clone())? {
                    self.core.reset();
                    continue; // Blanks before quotes are gone: the record is split again.
                }
                self.from = record.end;
            }
            if !self.is_blank() {
                return Ok(Some(line));
            }
            self.lines.blank += 1;
        }
    }

    fn record(&self) -> (&[u8], &[Span]) {
        (
            self.in_place.map_or(&self.bytes, |start| &self.pending[start..]),
            &self.cells,
        )
    }

    fn release(&mut self) {
        if self.bytes.len().max(self.pending.capacity()) > LONG {
            self.cells.clear();
            self.in_place = None;
            self.bytes.truncate(LONG);
            self.bytes.shrink_to_fit();
            self.pending.drain(..self.from);
            self.pending.shrink_to(PIECE);
            self.from = 0;
        }
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn lines(&self) -> LineCounts {
        self.lines
    }
}

/// What to do about a row of too many cells.
pub(super) const MORE_CELLS: &str = "cells that contain the delimiter need quotes around them";

fn error_of(fault: Fault) -> Error {
    const LINE_ENDS: &str = "convert all line ends to LF or CRLF, or quote the cell if the line end belongs to it";
    match fault {
        Fault::Nul => Error::data("a NUL byte, expected text")
            .hint("is it a table? UTF-16 without a byte order mark has to be saved as UTF-8"),
        Fault::CarriageReturn => {
            Error::data("a carriage return without a line feed, unlike the other line ends").hint(LINE_ENDS)
        }
        Fault::LineFeed => {
            Error::data("a line feed, unlike the other line ends, which are carriage returns").hint(LINE_ENDS)
        }
        Fault::AfterQuote(byte) => {
            let message = match byte.is_ascii() {
                true => format!("`{}` after a closing quote", char::from(byte).escape_default()),
                false => "text after a closing quote".to_string(),
            };
            Error::data(message).hint("a quote inside a quoted cell has to be doubled: \"\"")
        }
        Fault::Unclosed => {
            Error::data("a quote opened here is never closed").hint("close it, or double it if it is part of the text")
        }
    }
}
