//! Cells between delimiters: CSV, and its relatives with tabs, semicolons or bars.

use std::io::{BufRead, Cursor};

use rosenblatt_tensor::{Error, Result};

use super::cells::TextState;
use super::delimited::{Delimited, beginning};
use super::rows::RowSource as _;
use super::split::Splitter;
use super::{Format, Opened, PREFIX, ReadOptions, Reader, TEXT_OPTIONS, dialect, text, unpack};
use crate::places::read_error;

/// What nothing else recognizes.
pub(super) const FORMAT: Format = Format {
    name: "delimited",
    takes: TEXT_OPTIONS,
    recognize: |_, _| false,
    open,
};

/// Opens a table.
fn open(opened: Opened, options: &ReadOptions, found: &mut super::Dialect) -> Result<Box<dyn Reader>> {
    let name = opened.name;
    let (source, encoding) = text::utf8(opened.reader, &name, options.encoding)?;
    let (prefix, source) = unpack::peek(source, PREFIX).map_err(|e| read_error(&name, &e))?;
    let (said, skip) = separator_line(&prefix);
    let table = &prefix[skip..];
    let delimiter = match options.delimiter.or(said) {
        None => dialect::delimiter(after_comments(table, options)),
        Some(given) if dialect::is_delimiter(given) => given,
        Some(other) => {
            let message = format!("`{}` cannot be a delimiter", other.escape_ascii());
            return Err(Error::config(message));
        }
    };
    let line_end = dialect::line_end(&prefix, delimiter);
    let whole = dialect::whole_lines(&prefix, line_end);
    let splitter = |source: Box<dyn BufRead>| Splitter::new(source, &name, delimiter, line_end);
    let records = |comment| {
        let mut records = splitter(Box::new(Cursor::new(whole.to_vec()))).without_comments(comment);
        // What cannot be skipped cannot be read, which is said when it is.
        let _ = records.skip_lines(u64::from(skip > 0));
        records
    };
    let (comment, mut layout) = beginning(records, options);
    if layout.skip == 0 && skip > 0 {
        layout.skip = 1;
    }
    (found.delimiter, found.encoding) = (delimiter, encoding);
    let records = splitter(Box::new(source)).without_comments(comment);
    let state = TextState::new(encoding, options);
    Ok(Box::new(Delimited::open(records, layout, options, state)?))
}

/// The delimiter of a first line such as `sep=;`, which spreadsheets write, and how many bytes it has.
fn separator_line(prefix: &[u8]) -> (Option<u8>, usize) {
    let line = memchr::memchr2(b'\n', b'\r', prefix).map_or(prefix.len(), |end| end);
    let text = prefix[..line].trim_ascii().to_ascii_lowercase();
    let text = text
        .strip_prefix(b"\"")
        .and_then(|text| text.strip_suffix(b"\""))
        .unwrap_or(&text);
    match text.strip_prefix(b"sep=") {
        Some(&[delimiter]) if dialect::is_delimiter(delimiter) => {
            let end = prefix[line..]
                .iter()
                .take_while(|byte| matches!(byte, b'\n' | b'\r'))
                .count();
            (Some(delimiter), line + end.min(2))
        }
        // A tab at the end was trimmed away.
        Some(b"") if prefix[..line].ends_with(b"\t") => (Some(b'\t'), line + 1),
        _ => (None, 0),
    }
}

/// The text behind lines of comments: they have other delimiters.
fn after_comments<'p>(mut text: &'p [u8], options: &ReadOptions) -> &'p [u8] {
    let comment = options.comment.unwrap_or(b'#');
    let start = text;
    while text.first() == Some(&comment)
        && let Some(end) = memchr::memchr2(b'\n', b'\r', text)
    {
        text = &text[end + 1..];
    }
    // A header may begin with the character, too.
    if text.is_empty() { start } else { text }
}
