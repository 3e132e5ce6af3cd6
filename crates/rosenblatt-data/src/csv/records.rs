//! Rows of a file as cells, with the right line numbers, none lost.
//!
//! The `csv` crate splits and unquotes. Three things are added here:
//!
//! - Lines end at LF; the CR before it is white space at the end of the last cell. The line counted this way is the
//!   line an editor shows, for CRLF and after blank lines too.
//! - A quote that is never closed swallows the rest of a file without complaint. So a mark of our own is read
//!   behind the end: if it does not come out as a record of its own, a quote was open.
//! - Blank lines are left out, but a quoted empty cell on a line of its own is a row.

use std::io::{BufRead, Cursor, Read};

use ::csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use rosenblatt_tensor::{Error, Result};

use super::builder::Place;
use super::dialect;
use crate::Input;
use crate::places::read_error;

/// How much of a file is looked at to find its delimiter.
const PREFIX: u64 = 1 << 16;

/// Read behind every input; holds nothing that may be a delimiter.
const END: &[u8] = b"\n\x1e\x04endofinput\x04\x1e\n";

/// Iterates over the rows of an input.
pub(super) struct Records {
    reader: Reader<Box<dyn Read>>,
    record: ByteRecord,
    input: Input,
}

impl Records {
    /// At the first record of an input.
    pub fn open(input: &Input, delimiter: Option<u8>) -> Result<Self> {
        let mut source = input.open()?.reader;
        let mut prefix = Vec::new();
        source
            .by_ref()
            .take(PREFIX)
            .read_to_end(&mut prefix)
            .map_err(|e| read_error(input.name(), &e))?;
        let text = dialect::mark_length(&prefix).map_err(|e| e.within(input.name()))?;
        let delimiter = match delimiter {
            None => dialect::delimiter(&prefix[text..]),
            Some(given) if given == b'\t' || given == b' ' || given.is_ascii_punctuation() && given != b'"' => given,
            Some(other) => {
                return Err(Error::config(format!(
                    "`{}` cannot be a delimiter",
                    other.escape_ascii()
                )));
            }
        };
        let mut prefix = Cursor::new(prefix);
        prefix.consume(text);
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(Box::new(prefix.chain(source).chain(END)) as Box<dyn Read>);
        Ok(Self {
            reader,
            record: ByteRecord::new(),
            input: input.clone(),
        })
    }

    /// The next row and the line where it starts, or `None` at the end.
    pub fn next(&mut self) -> Result<Option<(u64, &ByteRecord)>> {
        loop {
            let (line_before, byte_before) = (self.reader.position().line(), self.reader.position().byte());
            if !self.read()? {
                return Err(Error::internal("the end mark was not found").within(self.input.name()));
            }
            let lines = self.reader.position().line() - line_before;
            let bytes = self.reader.position().byte() - byte_before;
            let inside = self
                .record
                .iter()
                .map(|cell| cell.iter().filter(|&&b| b == b'\n').count())
                .sum::<usize>();
            if self.record.iter().next_back().is_some_and(|cell| cell.ends_with(END)) {
                return Err(self.refuse(
                    line_before + lines - inside as u64,
                    "a quote opened in this row is never closed",
                ));
            }
            let line = (line_before + lines).saturating_sub(1 + inside as u64);
            if self.record.len() == 1 {
                if self.record[0] == END[1..END.len() - 1] {
                    return if self.read()? {
                        Err(self.refuse(line, "unexpected control characters"))
                    } else {
                        Ok(None)
                    };
                }
                // One byte beyond the line feeds: the CR itself. Quotes would be two more.
                if &self.record[0] == b"\r" && bytes - lines == 1 {
                    continue;
                }
            }
            return Ok(Some((line, &self.record)));
        }
    }

    fn read(&mut self) -> Result<bool> {
        self.reader
            .read_byte_record(&mut self.record)
            .map_err(|e| match e.into_kind() {
                ::csv::ErrorKind::Io(e) => read_error(self.input.name(), &e),
                other => Error::data(format!("{other:?}")).within(self.input.name()),
            })
    }

    fn refuse(&self, line: u64, message: &str) -> Error {
        Place { line, cell: None }.error(&self.input, Error::data(message))
    }
}
