//! Rows of a file as cells, with the right line numbers, none lost.
//!
//! Cells are split here and not by a library, since damaged must be distinguished from unusual content: a quote that is
//! never closed, text after a closing quote, a carriage return alone and a NUL byte are refused where they stand.
//!
//! - A cell is quoted if its first character is a quote; white space before and behind the quotes is not part of it.
//!   A quote inside a cell that does not begin with one is a character like others (`5" pipe`).
//! - Lines end at LF or CRLF; at CR, if the file has no other line ends. Inside quotes they are text.
//! - Blank lines are left out and counted, but a quoted empty cell on a line of its own is a row.

use std::io::{BufRead, Cursor, Read};

use rosenblatt_tensor::{Error, Result};

use super::place::Place;
use super::plain;
use super::{Dialect, dialect, encoding};
use crate::Input;
use crate::places::read_error;

/// How much of a file is looked at to find its delimiter and line ends.
const PREFIX: u64 = 1 << 16;

/// Iterates over the rows of an input.
pub(super) struct Records {
    source: Box<dyn BufRead>,
    input: Input,
    /// What the file looks like; counts grow while it is read.
    pub dialect: Dialect,
    /// What ends a line: LF or CR.
    end: u8,
    /// The line of the next byte.
    line: u64,
    row: Row,
}

/// The cells of one row.
#[derive(Default)]
pub(super) struct Row {
    bytes: Vec<u8>,
    /// Where each cell begins and ends in `bytes`.
    cells: Vec<(usize, usize)>,
    quoted: bool,
}

/// Where in a cell the next byte is.
#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Nothing but white space yet.
    Start,
    Bare,
    Quoted,
    /// Behind a quote in a quoted cell: it closes the cell, unless another one follows.
    Closing,
    /// Behind a closing quote and white space.
    Closed,
    /// Behind a carriage return: the line must end here.
    Return,
}

impl Row {
    /// Number of cells.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// The bytes of a cell, unquoted.
    pub fn cell(&self, i: usize) -> &[u8] {
        let (start, end) = self.cells[i];
        &self.bytes[start..end]
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.cells.clear();
        self.quoted = false;
    }

    fn start_of_cell(&self) -> usize {
        self.cells.last().map_or(0, |&(_, end)| end)
    }

    fn end_cell(&mut self) {
        self.cells.push((self.start_of_cell(), self.bytes.len()));
    }

    fn is_blank(&self) -> bool {
        self.cells.len() == 1 && self.cell(0).is_empty() && !self.quoted
    }
}

impl Records {
    /// At the first record of an input.
    pub fn open(input: &Input, delimiter: Option<u8>) -> Result<Self> {
        let opened = input.open()?;
        let packed = opened.packed;
        let (mut source, encoding) = encoding::utf8(opened.reader, input.name())?;
        let mut prefix = Vec::new();
        source
            .by_ref()
            .take(PREFIX)
            .read_to_end(&mut prefix)
            .map_err(|e| read_error(input.name(), &e))?;
        let delimiter = match delimiter {
            None => dialect::delimiter(&prefix),
            Some(given) if dialect::is_delimiter(given) => given,
            Some(other) => {
                return Err(Error::config(format!(
                    "`{}` cannot be a delimiter",
                    other.escape_ascii()
                )));
            }
        };
        let end = dialect::line_end(&prefix, delimiter);
        Ok(Self {
            source: Box::new(Cursor::new(prefix).chain(source)),
            input: input.clone(),
            dialect: Dialect {
                delimiter,
                encoding,
                packed,
                ..Dialect::default()
            },
            end,
            line: 1,
            row: Row::default(),
        })
    }

    /// The next row and the line where it starts, or `None` at the end.
    pub fn next(&mut self) -> Result<Option<(u64, &Row)>> {
        loop {
            let line = self.line;
            self.row.clear();
            if !self.read_plainly()? && !self.read()? {
                return Ok(None);
            }
            if !self.row.is_blank() {
                return Ok(Some((line, &self.row)));
            }
            self.dialect.blank_lines += 1;
        }
    }

    /// Reads a row if it is [plain](plain::row) and lies in the buffer as a whole; says whether it did.
    fn read_plainly(&mut self) -> Result<bool> {
        let chunk = self.source.fill_buf().map_err(|e| read_error(self.input.name(), &e))?;
        let Some(end) = plain::row(chunk, self.dialect.delimiter, self.end, &mut self.row.cells) else {
            self.row.clear();
            return Ok(false);
        };
        self.row.bytes.extend_from_slice(&chunk[..end.length]);
        self.row.quoted = end.quoted;
        self.source.consume(end.length);
        self.line += 1;
        self.dialect.lines += 1;
        self.dialect.returns += u64::from(end.returned);
        Ok(true)
    }

    /// Reads up to the end of a row, whatever it is like; false if nothing was left.
    fn read(&mut self) -> Result<bool> {
        let (mut state, mut any, mut opened) = (State::Start, false, self.line);
        loop {
            let chunk = self.source.fill_buf().map_err(|e| read_error(self.input.name(), &e))?;
            if chunk.is_empty() {
                if state == State::Quoted {
                    return Err(self.unclosed(opened));
                }
                if any {
                    self.row.end_cell();
                }
                return Ok(any);
            }
            any = true;
            // Most bytes mean nothing special: they are taken together.
            let plain = match state {
                State::Bare => plain::end_of_bare(chunk, self.dialect.delimiter),
                State::Quoted => chunk.iter().position(|b| matches!(b, b'"' | b'\n' | b'\r' | 0)),
                _ => Some(0),
            };
            let plain = plain.unwrap_or(chunk.len());
            if plain > 0 {
                self.row.bytes.extend_from_slice(&chunk[..plain]);
                self.source.consume(plain);
                continue;
            }
            let byte = chunk[0];
            self.source.consume(1);
            if byte == b'"' && state == State::Start {
                opened = self.line;
            }
            match self.step(state, byte)? {
                Some(next) => state = next,
                None => return Ok(true),
            }
        }
    }

    /// Takes one byte; `None` if it ends the row.
    fn step(&mut self, state: State, byte: u8) -> Result<Option<State>> {
        let (delimiter, row) = (self.dialect.delimiter, &mut self.row);
        if byte == 0 {
            let hint = "is it a table? UTF-16 without a byte order mark has to be saved as UTF-8";
            return Err(self.refuse(Error::data("a NUL byte, expected text").hint(hint)));
        }
        if state == State::Quoted {
            if byte == b'"' {
                return Ok(Some(State::Closing));
            }
            row.bytes.push(byte);
            self.line += u64::from(byte == self.end);
            return Ok(Some(State::Quoted));
        }
        if byte == self.end {
            row.end_cell();
            self.line += 1;
            self.dialect.lines += 1;
            self.dialect.returns += u64::from(state == State::Return || byte == b'\r');
            return Ok(None);
        }
        if byte == b'\r' {
            return Ok(Some(State::Return));
        }
        if state == State::Return || byte == b'\n' {
            let hint = "convert all line ends to LF or CRLF, or quote the cell if the line end belongs to it";
            let message = match byte {
                b'\n' => "a line feed, unlike the other line ends, which are carriage returns",
                _ => "a carriage return without a line feed, unlike the other line ends",
            };
            return Err(self.refuse(Error::data(message).hint(hint)));
        }
        if byte == delimiter {
            row.end_cell();
            return Ok(Some(State::Start));
        }
        match (state, byte) {
            (State::Start, b'"') => {
                row.bytes.truncate(row.start_of_cell());
                row.quoted = true;
                Ok(Some(State::Quoted))
            }
            (State::Closing, b'"') => {
                row.bytes.push(b'"');
                Ok(Some(State::Quoted))
            }
            (State::Closing | State::Closed, b' ' | b'\t') => Ok(Some(State::Closed)),
            (State::Closing | State::Closed, _) => {
                let message = match byte.is_ascii() {
                    true => format!("`{}` after a closing quote", char::from(byte).escape_default()),
                    false => "text after a closing quote".to_string(),
                };
                let hint = "a quote inside a quoted cell has to be doubled: \"\"";
                Err(self.refuse(Error::data(message).hint(hint)))
            }
            (state, byte) => {
                row.bytes.push(byte);
                let blank = state == State::Start && matches!(byte, b' ' | b'\t');
                Ok(Some(if blank { State::Start } else { State::Bare }))
            }
        }
    }

    fn unclosed(&self, opened: u64) -> Error {
        let place = Place {
            line: opened,
            cell: Some(self.row.len() + 1),
        };
        let hint = "close it, or double it if it is part of the text";
        place.error(
            &self.input,
            Error::data("a quote opened here is never closed").hint(hint),
        )
    }

    fn refuse(&self, error: Error) -> Error {
        let place = Place {
            line: self.line,
            cell: Some(self.row.len() + 1),
        };
        place.error(&self.input, error)
    }
}

#[cfg(test)]
mod tests {
    use rosenblatt_tensor::rng::Rng;

    use super::*;

    /// What is a row in every way of writing it down, and what makes it none.
    const PIECES: [&str; 16] = [
        "1.5", "x y", ",", ",", ",", "\n", "\n", "\r\n", "\r", "\"", "\"a,b\"", "\"\"", " ", "\t", "é", "\0",
    ];

    /// All rows with their lines, the counts, and the error that ended it.
    fn rows(text: &str, mut read: impl FnMut(&mut Records) -> Result<bool>) -> String {
        let mut records = Records::open(&Input::memory("t", text.as_bytes().to_vec()), Some(b',')).unwrap();
        let mut text = String::new();
        loop {
            records.row.clear();
            match read(&mut records) {
                Ok(true) => {
                    let cells: Vec<&[u8]> = (0..records.row.len()).map(|i| records.row.cell(i)).collect();
                    text += &format!(
                        "{} {cells:?} {} {}\n",
                        records.line,
                        records.row.quoted,
                        records.row.is_blank()
                    );
                }
                end => return text + &format!("{end:?} {:?}", records.dialect),
            }
        }
    }

    #[test]
    fn the_quick_way_and_the_other_agree_on_every_row() {
        let mut plain = 0;
        for seed in 0..20_000 {
            let mut draw = Rng::new(seed).purpose("rows").stream();
            let length = draw.below(16);
            let text: String = (0..length).map(|_| PIECES[draw.below(16) as usize]).collect();
            let quick = rows(&text, |records| {
                let is_plain = records.read_plainly()?;
                plain += usize::from(is_plain);
                Ok(is_plain || records.read()?)
            });
            assert_eq!(quick, rows(&text, Records::read), "{text:?}");
        }
        assert!(plain > 10_000, "{plain}");
    }
}
