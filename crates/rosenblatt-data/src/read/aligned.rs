//! Columns between runs of blanks, as programs of statistics print tables; quotes may hold blanks.

use std::io::{BufRead, Cursor};

use rosenblatt_tensor::{Error, Result};

use super::cells::TextState;
use super::delimited::{Delimited, beginning};
use super::layout::looks_like_number;
use super::rows::{Lines, Record, RowSource, Span};
use super::split::LineCounts;
use super::{Dialect, Format, Opened, PREFIX, ReadOptions, Reader, TEXT_OPTIONS, dialect, text, unpack};
use crate::places::read_error;

pub(super) const FORMAT: Format = Format {
    name: "aligned",
    takes: TEXT_OPTIONS,
    recognize: is_aligned,
    open,
};

/// Lines that are looked at.
const LINES: usize = 50;

/// Whether runs of blanks split the first lines alike, and nothing else splits the header.
///
/// A single column of texts of two words is not taken for two: some column has to be numbers, or some blanks to be several.
fn is_aligned(start: &[u8], options: &ReadOptions) -> bool {
    const MIN_ROWS: usize = 2;
    const MAX_PREAMBLE: usize = 2;
    // Tabs are delimiters, and an empty cell between two of them is a cell.
    if options.delimiter.is_some_and(|delimiter| delimiter != b' ') || start.contains(&b'\t') {
        return false;
    }
    let lines = sample(start, options);
    let lengths = || lines.iter().map(Vec::len);
    let count = |length: usize| lengths().filter(|&other| other == length).count();
    let Some(of_table) = lengths().max_by_key(|&length| (count(length), length)) else {
        return false;
    };
    let first = lengths().position(|length| length == of_table).unwrap_or(0);
    // Rows may begin with their names, of which the header has none.
    let named = first == 1 && lines[0].len() + 1 == of_table && lines[0].len() > 1;
    let (header, rows) = (
        &lines[first - usize::from(named)],
        &lines[first + usize::from(!named)..],
    );
    let alike: Vec<&Vec<String>> = rows.iter().filter(|row| row.len() == of_table).collect();
    let is_split = |cell: &String| cell.contains([',', ';', '|']);
    let numeric = |column: usize| {
        let mut cells = alike
            .iter()
            .map(|row| &row[column])
            .filter(|cell| !crate::typed::is_missing(cell));
        cells.all(|cell| looks_like_number(cell))
    };
    let several = || start.windows(3).any(|three| three[0] > b' ' && &three[1..] == b"  ");
    of_table > 1
        && first <= MAX_PREAMBLE
        && alike.len() >= MIN_ROWS
        && 5 * alike.len() >= 4 * rows.len()
        && !header.iter().any(is_split)
        && ((0..of_table).any(numeric) || several())
}

/// The cells of the first lines.
fn sample(start: &[u8], options: &ReadOptions) -> Vec<Vec<String>> {
    let line_end = dialect::line_end(start, b' ');
    let whole = dialect::whole_lines(start, line_end).to_vec();
    let mut lines = Lines::new(Box::new(Cursor::new(whole)), "", line_end);
    let (mut sample, mut record) = (Vec::new(), Record::default());
    while sample.len() < LINES
        && let Ok(true) = lines.next()
    {
        let is_comment = lines.text.first() == Some(&options.comment.unwrap_or(b'#'));
        if is_comment || lines.line <= options.skip_lines || lines.text.trim_ascii().is_empty() {
            continue;
        }
        if split(&lines.text, &mut record).is_err() {
            return Vec::new();
        }
        let cells = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned());
        sample.push(cells.collect());
    }
    sample
}

fn open(opened: Opened, options: &ReadOptions, found: &mut Dialect) -> Result<Box<dyn Reader>> {
    let name = opened.name;
    let (source, encoding) = text::utf8(opened.reader, &name, options.encoding)?;
    let (prefix, source) = unpack::peek(source, PREFIX).map_err(|e| read_error(&name, &e))?;
    let line_end = dialect::line_end(&prefix, b' ');
    let whole = dialect::whole_lines(&prefix, line_end);
    let records = |source: Box<dyn BufRead>, comment| Aligned {
        lines: Lines::new(source, &name, line_end),
        comment,
        record: Record::default(),
    };
    let first = |comment| records(Box::new(Cursor::new(whole.to_vec())), comment);
    let (comment, layout) = beginning(first, options);
    found.encoding = encoding;
    let text = TextState::new(encoding, options);
    let rows = records(Box::new(source), comment);
    Ok(Box::new(Delimited::open(rows, layout, options, text)?))
}

/// Records between blanks.
struct Aligned {
    lines: Lines,
    comment: Option<u8>,
    record: Record,
}

impl RowSource for Aligned {
    fn skip_lines(&mut self, lines: u64) -> Result<()> {
        for _ in 0..lines {
            self.lines.next()?;
        }
        Ok(())
    }

    fn next(&mut self, _: usize) -> Result<Option<u64>> {
        while self.lines.next()? {
            if self.comment.is_some() && self.lines.text.first().copied() == self.comment {
                self.lines.counts.comments += 1;
                continue;
            }
            if self.lines.text.trim_ascii().is_empty() {
                self.lines.counts.blank += 1;
                continue;
            }
            let line = self.lines.line;
            let parted = split(&self.lines.text, &mut self.record);
            parted.map_err(|(error, cell)| self.lines.refuse(error, line, Some(cell)))?;
            return Ok(Some(line));
        }
        Ok(None)
    }

    fn record(&self) -> (&[u8], &[Span]) {
        self.record.parts()
    }

    fn name(&self) -> &str {
        &self.lines.name
    }

    fn lines(&self) -> LineCounts {
        self.lines.counts
    }
}

/// Splits a line; what is wrong with a cell, counted from 1.
fn split(mut line: &[u8], record: &mut Record) -> std::result::Result<(), (Error, usize)> {
    record.clear();
    loop {
        line = line.trim_ascii_start();
        let Some((&first, rest)) = line.split_first() else {
            return Ok(());
        };
        if first != b'"' {
            let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
            record.push(&line[..end]);
            line = &line[end..];
            continue;
        }
        let cell = record.len() + 1;
        line = quoted(rest, record).ok_or_else(|| {
            let error = Error::data("a quote opened here is never closed");
            (error.hint("close it, or double it if it is part of the text"), cell)
        })?;
        if line.first().is_some_and(|byte| !byte.is_ascii_whitespace()) {
            let error = Error::data("text after a closing quote");
            return Err((error.hint("a quote inside a quoted cell has to be doubled: \"\""), cell));
        }
    }
}

/// Adds the cell behind an opening quote, and returns what follows it. R writes `\"` for a quote, others `""`.
fn quoted<'l>(text: &'l [u8], record: &mut Record) -> Option<&'l [u8]> {
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match (byte, text.get(at + 1)) {
            (b'"', Some(b'"')) | (b'\\', Some(b'"' | b'\\')) => {
                record.bytes.push(text[at + 1]);
                at += 2;
            }
            (b'"', _) => {
                record.end();
                return Some(&text[at + 1..]);
            }
            _ => {
                record.bytes.push(byte);
                at += 1;
            }
        }
    }
    None
}
