//! Values of a JSON text, one after the other.

use std::borrow::Cow;
use std::fmt;
use std::io::BufRead;

use rosenblatt_tensor::{Advice, Error, Result};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::cells::MAX_ROW_BYTES;
use crate::places::read_error;

/// The records of a text: those of its array, or all that follow one another.
pub(super) struct Values {
    source: Box<dyn BufRead + Send>,
    name: String,
    /// The line of the next byte.
    line: u64,
    bytes: u64,
    value: Vec<u8>,
    array: bool,
    /// Whether a value came before.
    any: bool,
    ended: bool,
}

impl Values {
    pub fn new(source: Box<dyn BufRead + Send>, name: &str) -> Self {
        Self {
            source,
            name: name.to_owned(),
            line: 1,
            bytes: 0,
            value: Vec::new(),
            array: false,
            any: false,
            ended: false,
        }
    }

    /// Whether the values are those of an array.
    pub fn is_array(&self) -> bool {
        self.array
    }

    /// How many bytes were read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The value that was read last.
    ///
    /// # Errors
    /// It is not UTF-8.
    pub fn take(&mut self) -> Result<String> {
        let value = std::mem::take(&mut self.value);
        String::from_utf8(value).map_err(|_| {
            let hint = Advice::new("save the file as UTF-8, or name its encoding with ").setting("data.encoding");
            self.refuse("text that is not UTF-8").hint(hint)
        })
    }

    /// Whether another value follows.
    pub fn more(&mut self) -> Result<bool> {
        Ok(self.peek()?.is_some())
    }

    /// Reads the next value, and returns the line where it begins.
    pub fn next(&mut self) -> Result<Option<u64>> {
        if !self.any && self.peek()? == Some(b'[') {
            self.array = true;
            self.skip();
        }
        let next = self.peek()?;
        if self.array && next == Some(b']') && !self.ended {
            self.skip();
            self.ended = true;
            return match self.peek()? {
                None => Ok(None),
                Some(_) => Err(self.refuse("something follows the array of records")),
            };
        }
        if self.array && self.any {
            match next {
                Some(b',') => self.skip(),
                _ => return Err(self.refuse("expected `,` or `]` behind a record")),
            }
        }
        let (next, line) = (self.peek()?, self.line);
        match next {
            Some(b'{' | b'[') => {}
            None if !self.array => return Ok(None),
            None => return Err(self.refuse("the array of records is never closed")),
            Some(_) => return Err(self.refuse("expected a record such as `{\"name\": 1}`")),
        }
        self.any = true;
        self.read_value(line)?;
        Ok(Some(line))
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Result<Option<u8>> {
        loop {
            let bytes = self.source.fill_buf().map_err(|e| read_error(&self.name, &e))?;
            match bytes.first() {
                None => return Ok(None),
                Some(byte) if byte.is_ascii_whitespace() => {
                    self.line += u64::from(*byte == b'\n');
                    self.skip();
                }
                Some(&byte) => return Ok(Some(byte)),
            }
        }
    }

    fn skip(&mut self) {
        self.source.consume(1);
        self.bytes += 1;
    }

    /// Reads up to where all brackets are closed.
    fn read_value(&mut self, line: u64) -> Result<()> {
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        self.value.clear();
        loop {
            let bytes = self.source.fill_buf().map_err(|e| read_error(&self.name, &e))?;
            let end = bytes.iter().position(|&byte| {
                self.line += u64::from(byte == b'\n');
                match (byte, quoted) {
                    _ if escaped => escaped = false,
                    (b'\\', true) => escaped = true,
                    (b'"', _) => quoted = !quoted,
                    (b'{' | b'[', false) => depth += 1,
                    (b'}' | b']', false) => depth -= 1,
                    _ => {}
                }
                depth == 0
            });
            let taken = end.map_or(bytes.len(), |end| end + 1);
            let is_end = bytes.is_empty();
            self.value.extend_from_slice(&bytes[..taken]);
            self.source.consume(taken);
            self.bytes += taken as u64;
            let fault = match (end, is_end) {
                (Some(_), _) => return Ok(()),
                (None, true) => "a record is never closed",
                (None, false) if self.value.len() > MAX_ROW_BYTES => "a record of more than 1 GiB",
                _ => continue,
            };
            self.line = line;
            return Err(self.refuse(fault));
        }
    }

    fn refuse(&self, message: &str) -> Error {
        Error::data(format!("damaged JSON: {message}")).within(format!("{}:{}", self.name, self.line))
    }
}

/// The text with null for `NaN`, and texts for infinite numbers: Python writes them, though they are not JSON.
pub(super) fn with_constants(text: String) -> String {
    const CONSTANTS: [(&str, &str); 3] = [
        ("NaN", "null"),
        ("-Infinity", "\"-Infinity\""),
        ("Infinity", "\"Infinity\""),
    ];
    if !text.contains("NaN") && !text.contains("Infinity") {
        return text;
    }
    let (mut replaced, mut rest, mut quoted) = (String::with_capacity(text.len() + 16), &text[..], false);
    while let Some(at) = rest.find(['"', '\\', 'N', 'I', '-']) {
        replaced += &rest[..at];
        rest = &rest[at..];
        let constant = CONSTANTS.iter().find(|(name, _)| !quoted && rest.starts_with(name));
        let escaped = if quoted && rest.starts_with('\\') { 2 } else { 1 };
        quoted ^= rest.starts_with('"');
        let length = constant.map_or(escaped, |(name, _)| name.len());
        let (taken, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        replaced += constant.map_or(taken, |(_, json)| json);
        rest = after;
    }
    replaced + rest
}

/// Looks at all of a text.
///
/// # Errors
/// It is not JSON, or what the visitor finds.
pub(super) fn parse<'a, V: Visitor<'a, Value = Result<()>>>(text: &'a str, visitor: V) -> Result<()> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = deserializer.deserialize_any(visitor);
    found.map_err(|error| not_json(&error))?
}

/// The error with its column: lines are counted by who splits the text.
fn not_json(error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    Error::data(format!(
        "damaged JSON: {text}, behind {} characters of it",
        error.column()
    ))
}

/// A text, borrowed where nothing in it is escaped.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A cell as text; `None` is null.
pub(super) fn text(cell: &str) -> Result<Option<Cow<'_, str>>> {
    match cell.as_bytes().first() {
        Some(b'"') => {
            let text: Text<'_> = serde_json::from_str(cell).map_err(|error| not_json(&error))?;
            Ok(Some(text.0))
        }
        Some(b'n') => Ok(None),
        _ => Ok(Some(Cow::Borrowed(cell))),
    }
}

/// Sees the elements of an array.
pub(super) struct Elements<F>(pub F);

impl<'a, F: FnMut(&'a RawValue) -> Result<()>> Visitor<'a> for Elements<F> {
    type Value = Result<()>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut elements: A) -> std::result::Result<Result<()>, A::Error> {
        let mut outcome = Ok(());
        while let Some(element) = elements.next_element()? {
            outcome = outcome.and_then(|()| (self.0)(element));
        }
        Ok(outcome)
    }
}

/// Sees the keys and values of an object.
pub(super) struct Entries<F>(pub F);

impl<'a, F: FnMut(Cow<'a, str>, &'a RawValue) -> Result<()>> Visitor<'a> for Entries<F> {
    type Value = Result<()>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut entries: A) -> std::result::Result<Result<()>, A::Error> {
        let mut outcome = Ok(());
        while let Some((Text(key), value)) = entries.next_entry()? {
            outcome = outcome.and_then(|()| (self.0)(key, value));
        }
        Ok(outcome)
    }
}
