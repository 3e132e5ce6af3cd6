//! ARFF, the format of Weka: attributes with their names and types, then rows between commas.

use rosenblatt_tensor::{Error, Result};

use super::cells::TextState;
use super::delimited::Delimited;
use super::layout::Layout;
use super::rows::{Lines, Record, RowSource, Span};
use super::split::{LineCounts, MAX_COLUMNS};
use super::{Dialect, Format, Opened, ReadOptions, Reader, text};
use crate::places::short;

pub(super) const FORMAT: Format = Format {
    name: "arff",
    takes: &["data.encoding", "data.names"],
    recognize: |start, _| is_arff(start),
    open,
};

/// Whether the first line that is no comment names a relation.
fn is_arff(start: &[u8]) -> bool {
    let mut lines = start.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty() && line[0] != b'%');
    first.is_some_and(|line| keyword(line, b"@relation").is_some())
}

/// What follows a keyword, written in letters of any case.
fn keyword<'l>(line: &'l [u8], word: &[u8]) -> Option<&'l [u8]> {
    let (start, rest) = line.split_at_checked(word.len())?;
    let ends = rest.first().is_none_or(u8::is_ascii_whitespace);
    (start.eq_ignore_ascii_case(word) && ends).then(|| rest.trim_ascii())
}

fn open(opened: Opened, options: &ReadOptions, found: &mut Dialect) -> Result<Box<dyn Reader>> {
    let name = opened.name;
    let (source, encoding) = text::utf8(opened.reader, &name, options.encoding)?;
    found.encoding = encoding;
    let mut lines = Lines::new(Box::new(source), &name, b'\n');
    let header = attributes(&mut lines)?;
    let rows = Rows {
        lines,
        header: Some(header),
        record: Record::default(),
    };
    let layout = Layout {
        header: true,
        ..Layout::default()
    };
    let text = TextState::new(encoding, options);
    Ok(Box::new(Delimited::open(rows, layout, options, text)?))
}

/// The names of the attributes; the lines are then at the first row.
fn attributes(lines: &mut Lines) -> Result<Record> {
    let mut names = Record::default();
    while lines.next()? {
        let line = lines.text.trim_ascii();
        if line.is_empty() || line[0] == b'%' || keyword(line, b"@relation").is_some() {
            continue;
        }
        if keyword(line, b"@data").is_some() {
            return Ok(names);
        }
        let refuse = |message: String| lines.refuse(Error::data(message), lines.line, None);
        let Some(attribute) = keyword(line, b"@attribute") else {
            let text = short(&String::from_utf8_lossy(line));
            return Err(refuse(format!("expected @attribute or @data, got `{text}`")));
        };
        let at = names.len() + 1;
        let is_blank = |byte: u8| byte.is_ascii_whitespace();
        let rest =
            value(attribute, &mut names, &is_blank).map_err(|fault| refuse(format!("attribute {at}: {fault}")))?;
        let kind = rest.trim_ascii();
        if at > MAX_COLUMNS {
            return Err(refuse(format!("more than {MAX_COLUMNS} attributes")));
        }
        let kinds: [&[u8]; 5] = [b"numeric", b"real", b"integer", b"string", b"date"];
        let is_known = kind.starts_with(b"{") || kinds.iter().any(|word| keyword(kind, word).is_some());
        if !is_known {
            let text = short(&String::from_utf8_lossy(kind));
            return Err(refuse(format!(
                "attribute {at} is of the type `{text}`, expected numeric, real, integer, string, date, or {{values}}"
            )));
        }
    }
    let error = Error::data("there is no line `@data`").hint("is the file cut short?");
    Err(lines.refuse(error, lines.line.max(1), None))
}

/// Rows behind the names.
struct Rows {
    lines: Lines,
    /// The names, until they are taken.
    header: Option<Record>,
    record: Record,
}

impl RowSource for Rows {
    fn skip_lines(&mut self, _: u64) -> Result<()> {
        Ok(())
    }

    fn next(&mut self, _: usize) -> Result<Option<u64>> {
        if let Some(header) = self.header.take() {
            self.record = header;
            return Ok((self.record.len() > 0).then_some(self.lines.line));
        }
        while self.lines.next()? {
            let (text, line) = (self.lines.text.trim_ascii(), self.lines.line);
            if text.is_empty() {
                self.lines.counts.blank += 1;
            } else if text[0] == b'%' {
                self.lines.counts.comments += 1;
            } else {
                let parted = split(text, &mut self.record);
                parted.map_err(|(error, cell)| self.lines.refuse(error, line, Some(cell)))?;
                return Ok(Some(line));
            }
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

/// Splits a row; what is wrong with a cell, counted from 1.
fn split(line: &[u8], record: &mut Record) -> std::result::Result<(), (Error, usize)> {
    record.clear();
    if line[0] == b'{' {
        let error = Error::data("a sparse row, `{1 x, 5 y}`, expected a value for each attribute");
        return Err((
            error.hint("write the rows densely, as Weka's filter `SparseToNonSparse` does"),
            1,
        ));
    }
    let mut rest = line;
    loop {
        let cell = record.len() + 1;
        let failed = |fault: &str| (Error::data(fault.to_owned()), cell);
        rest = value(rest, record, &|byte| byte == b',' || byte == b'\t').map_err(failed)?;
        match rest.trim_ascii_start().split_first() {
            None => return Ok(()),
            Some((b',', behind)) => rest = behind,
            // Tabs may take the place of commas.
            Some(_) if rest[0] == b'\t' => rest = &rest[1..],
            Some(_) => return Err(failed("text after a closing quote")),
        }
    }
}

/// Adds a value, in quotes or not, and returns what follows it.
fn value<'l>(
    text: &'l [u8],
    record: &mut Record,
    is_end: &dyn Fn(u8) -> bool,
) -> std::result::Result<&'l [u8], &'static str> {
    let text = text.trim_ascii_start();
    let Some(&quote @ (b'\'' | b'"')) = text.first() else {
        let end = text.iter().position(|&byte| is_end(byte)).unwrap_or(text.len());
        let cell = text[..end].trim_ascii();
        record.push(if cell == b"?" { b"" } else { cell });
        return Ok(&text[end..]);
    };
    let mut bytes = text[1..].iter().enumerate();
    while let Some((at, &byte)) = bytes.next() {
        match byte {
            b'\\' => record.bytes.push(match bytes.next() {
                Some((_, b'n')) => b'\n',
                Some((_, b't')) => b'\t',
                Some((_, &escaped)) => escaped,
                None => break,
            }),
            byte if byte == quote => {
                record.end();
                return Ok(&text[at + 2..]);
            }
            byte => record.bytes.push(byte),
        }
    }
    Err("a quote opened here is never closed")
}
