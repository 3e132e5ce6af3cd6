//! Tables from files: bytes become a [`Frame`], and nothing is said about what a cell means.
//!
//! What a file is, is told by its content. A format is a file of this folder and a line of `FORMATS`; its reader gives names and
//! arrays of Arrow, some rows at a time. Formats of text give texts as they are written.
//!
//! Read are delimited text, columns aligned with blanks, ARFF, JSON and JSON Lines, Parquet, Arrow files and streams, and
//! spreadsheets, each also packed with gzip, zstd, or zip.
//!
//! What is accepted of delimited text: comma, tab, semicolon or bar, found in the first lines; quotes as in RFC 4180, also
//! around line ends; LF, CRLF, or CR alone; UTF-8, UTF-16 behind a byte order mark, windows-1252, or the encoding that is named.
//! A line without any character is no row.
//!
//! What is refused, with file, line and the number of the cell: a row of another length than the header, a name that
//! is listed twice in the header, a quote that is never closed, text after a closing quote, a line end unlike the others, a NUL
//! byte, damaged text.

mod aligned;
mod arff;
mod arrow;
mod batches;
mod cells;
mod columns;
mod csv;
mod delimited;
mod dialect;
mod json;
mod json_values;
mod layout;
mod memory;
mod pages;
mod parquet;
mod parquet_pages;
mod plain;
mod quotes;
mod records;
mod rows;
mod sheets;
mod split;
mod text;
mod unpack;

use std::collections::HashMap;
use std::fs::File;
use std::io::BufRead;
use std::sync::Arc;

use arrow_array::ArrayRef;
use bytes::Bytes;
use rosenblatt_tensor::{Error, Result};

use crate::foreign;
use crate::frame::{Column, FilePlaces, Places};
use crate::options::HeaderLine;
use crate::places::{count, listing, read_error};
use crate::store::{self, Store};
use crate::warning::Warning;
use crate::{Frame, Input};

pub(crate) use dialect::is_delimiter;
pub use text::Encoding;
use unpack::peek;
pub(crate) use unpack::{BUFFER, unpack};

/// How to read a file; the default finds out by itself.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Between cells; found in the first lines if not given.
    pub delimiter: Option<u8>,
    /// Whether a line names the columns.
    pub header: HeaderLine,
    /// Lines before the header; found if it is 0.
    pub skip_lines: u64,
    /// What a line of comment begins with.
    pub comment: Option<u8>,
    /// How characters are stored.
    pub encoding: Option<Encoding>,
    /// Names of the columns, in place of those of the file.
    pub names: Vec<String>,
    /// Whether every line below the header is a row: no units, no header once more.
    pub every_row: bool,
    /// Bytes of memory that a table may take: with a limit it is kept in a temporary file.
    pub memory: Option<usize>,
    /// Keys of those that are asked for this very input: one that no file of it can follow is an error.
    pub asked: Vec<&'static str>,
}

/// What a file looks like, apart from its cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    /// The format by its name, such as `delimited` or `parquet`; `memory` for a [`Frame`].
    pub format: &'static str,
    /// Between cells of a delimited text; 0 if it is none.
    pub delimiter: u8,
    /// How characters are stored.
    pub encoding: Encoding,
    /// What the file is packed with, if it is: `gzip`, `zstd`, `zip`.
    pub packing: Option<&'static str>,
    /// Lines with a line end that is not part of a cell.
    pub lines: u64,
    /// Of these, how many end in CRLF or CR.
    pub returns: u64,
    /// Lines without any character: they are no rows.
    pub blank_lines: u64,
}

/// How a file was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadInfo {
    /// What the file looks like.
    pub dialect: Dialect,
    /// Lines that were skipped, columns that are no numbers for the sake of a cell, and more.
    pub warnings: Vec<Warning>,
}

/// A file at its start.
pub(crate) struct Opened {
    /// What errors call it.
    pub name: String,
    /// The bytes, unpacked.
    pub reader: Box<dyn BufRead + Send>,
    /// Length of what is stored: packed, if it is packed.
    pub length: u64,
    /// What it is packed with, if it is.
    pub packing: Option<&'static str>,
    /// All of it in any order, where that can be had and nothing was unpacked.
    pub stored: Option<Stored>,
}

/// Bytes that can be read in any order.
pub(crate) enum Stored {
    File(File),
    Bytes(Bytes),
}

/// A kind of file that is a table.
struct Format {
    name: &'static str,
    /// The keys of the options that say something about such a file.
    takes: &'static [&'static str],
    /// Whether a file that begins like this is one. Text is UTF-8 here, without a byte order mark.
    recognize: fn(&[u8], &ReadOptions) -> bool,
    open: fn(Opened, &ReadOptions, &mut Dialect) -> Result<Box<dyn Reader>>,
}

/// All formats, by name. At most one recognizes a file; what none does is [`csv::FORMAT`].
static FORMATS: &[Format] = &[
    aligned::FORMAT,
    arff::FORMAT,
    arrow::FORMAT,
    csv::FORMAT,
    json::FORMAT,
    parquet::FORMAT,
    sheets::FORMAT,
];

/// The keys of all options that say how a text with lines and cells is written.
const TEXT_OPTIONS: &[&str] = &[
    "data.delimiter",
    "data.header",
    "data.skip_lines",
    "data.comment",
    "data.encoding",
    "data.names",
];

/// How much of a file is looked at to know its format.
const PREFIX: usize = 1 << 16;

/// A table while it is read.
trait Reader {
    /// The names of the columns.
    fn names(&self) -> Arc<[String]>;

    /// The next rows, or `None` at the end.
    fn next(&mut self) -> Result<Option<Rows>>;

    /// What is unusual, once all rows are read.
    fn warnings(&self) -> Vec<Warning>;

    /// Adds what the file looks like, once all rows are read.
    fn describe(&self, dialect: &mut Dialect);
}

/// Some rows of a table.
struct Rows {
    columns: Vec<ArrayRef>,
    rows: usize,
    /// The line of each row; empty where rows have no lines.
    lines: Vec<u64>,
}

/// The names of all formats that are read, as [`Dialect::format`] has them.
pub fn formats() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|format| format.name)
}

/// Reads a table.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] with `file:line:cell` for everything the module refuses;
/// [`rosenblatt_tensor::ErrorKind::Io`] if a file cannot be read.
///
/// # Example
/// ```
/// use rosenblatt_data::{Input, read};
/// let input = Input::memory("pets.csv", *b"age;kind\n3;cat\n;dog\n");
/// let (frame, info) = read::read(&input, &read::ReadOptions::default())?;
/// assert_eq!((frame.len(), info.dialect.delimiter), (2, b';'));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn read(input: &Input, options: &ReadOptions) -> Result<(Frame, ReadInfo)> {
    let mut table = Table {
        store: Store::new(options.memory)?,
        ..Table::default()
    };
    let (last, others) = input
        .parts()
        .split_last()
        .ok_or_else(|| Error::internal("an input without parts"))?;
    for part in others {
        table.read(part, options, false)?;
    }
    table.read(last, options, true)?;
    if table.store.is_on_disk() {
        table.keep()?;
    }
    let names = table.names.iter().cloned();
    let columns = names.zip(table.chunks).map(|(name, chunks)| Column { name, chunks });
    let frame = Frame::new(input.name().to_owned(), columns.collect(), table.places)?;
    Ok((frame.kept_in(table.store).with_decimal_commas(table.commas), table.info))
}

/// A table while its files are read.
#[derive(Default)]
struct Table {
    first: Option<String>,
    names: Arc<[String]>,
    chunks: Vec<Vec<ArrayRef>>,
    store: Store,
    /// The first chunk of the columns that is not in the store yet, and the bytes from there on.
    waiting: (usize, usize),
    /// For each file how many arrays its columns have, and whether `1,5` is one and a half there.
    commas: Vec<(usize, bool)>,
    places: Places,
    info: ReadInfo,
    /// Options that are asked for and that no file so far takes, once there is one.
    unused: Option<Vec<&'static str>>,
}

impl Table {
    /// Adds the rows of a file, which may be the last one.
    fn read(&mut self, part: &Input, options: &ReadOptions, is_last: bool) -> Result<()> {
        let (mut reader, mut dialect) = self.open(part, options, is_last)?;
        let names = reader.names();
        if self.first.is_none() {
            self.names = Arc::clone(&names);
            self.chunks.resize(names.len(), Vec::new());
        }
        let order = order(&self.names, self.first.as_deref(), &names, part)?;
        let mut places = FilePlaces {
            file: part.name().to_owned(),
            names,
            ..FilePlaces::default()
        };
        let mut arrays = 0;
        while let Some(rows) = reader.next()? {
            arrays += 1;
            match rows.lines.len() {
                0 => places.rows += rows.rows as u64,
                _ => rows.lines.iter().for_each(|&line| places.push(line)),
            }
            for (chunks, &at) in self.chunks.iter_mut().zip(&order) {
                let array = &rows.columns[at];
                if self.store.is_on_disk() {
                    self.waiting.1 += store::bytes(array);
                }
                chunks.push(Arc::clone(array));
            }
            if self.store.is_block(self.waiting.1) {
                self.keep()?;
            }
        }
        reader.describe(&mut dialect);
        match part.frame() {
            None => self.commas.push((arrays, dialect.delimiter == b';')),
            Some(frame) => {
                let commas = frame.decimal_commas().iter();
                self.commas
                    .extend(commas.map(|&(count, is_comma)| (count.min(arrays), is_comma)));
            }
        }
        self.info.warnings.extend(reader.warnings());
        match self.first {
            None => self.info.dialect = dialect,
            Some(_) => self.info.dialect.add_lines(&dialect),
        }
        self.first.get_or_insert_with(|| part.name().to_owned());
        self.places.add(places);
        Ok(())
    }

    /// Notes which options a file takes.
    fn use_options(&mut self, format: &Format, options: &ReadOptions) {
        let unused = self.unused.get_or_insert_with(|| options.asked.clone());
        unused.retain(|key| !format.takes.contains(key));
    }

    /// Hands the chunks that wait to the store.
    fn keep(&mut self) -> Result<()> {
        let first = self.waiting.0;
        let waiting = self.chunks.iter_mut().flat_map(|chunks| chunks.drain(first..));
        let mut kept = self.store.keep(waiting.collect())?.into_iter();
        let columns = self.chunks.len();
        let each = kept.len().checked_div(columns).unwrap_or(0);
        for chunks in &mut self.chunks {
            chunks.extend(kept.by_ref().take(each));
        }
        self.waiting = (first + each, 0);
        Ok(())
    }

    /// A file at its first row.
    fn open(&mut self, part: &Input, options: &ReadOptions, is_last: bool) -> Result<(Box<dyn Reader>, Dialect)> {
        let mut dialect = Dialect::default();
        if let Some(frame) = part.frame() {
            dialect.format = "memory";
            return Ok((Box::new(memory::InMemory::new(frame, options)?), dialect));
        }
        let mut opened = part.open()?;
        let (start, reader) = peek(opened.reader, PREFIX).map_err(|e| read_error(part.name(), &e))?;
        opened.reader = reader;
        if opened.packing.is_some() {
            foreign::refuse_packed(&start).map_err(|error| error.within(part.name()))?;
        }
        let start = text::start(&start);
        let format = FORMATS.iter().find(|format| (format.recognize)(&start, options));
        let format = format.unwrap_or(&csv::FORMAT);
        self.use_options(format, options);
        if let (true, Some([key, ..])) = (is_last, self.unused.as_deref()) {
            let error = Error::config(format!("does not apply to the format `{}`", format.name)).within(part.name());
            return Err(error.within(*key).hint("leave it out"));
        }
        (dialect.format, dialect.packing) = (format.name, opened.packing);
        Ok(((format.open)(opened, options, &mut dialect)?, dialect))
    }
}

impl Dialect {
    /// Adds the lines of a further file.
    fn add_lines(&mut self, other: &Self) {
        self.lines += other.lines;
        self.returns += other.returns;
        self.blank_lines += other.blank_lines;
    }
}

/// Names of columns: those given, if any are; an empty one is called by its place.
fn given_names(found: Vec<String>, options: &ReadOptions, file: &str) -> Result<Arc<[String]>> {
    let (given, there) = (options.names.len(), found.len());
    if given > 0 && given != there {
        let message = format!("{} given, but there are {there} columns", count(given, "name"));
        return Err(Error::config(message).within("data.names").within(file));
    }
    if given > 0 {
        return Ok(options.names.clone().into());
    }
    Ok(found
        .iter()
        .zip(1..)
        .map(|(name, number)| column_name(name, number))
        .collect())
}

/// The name of a column, counted from 1; an empty one is called by its place.
fn column_name(text: &str, number: usize) -> String {
    match text.trim_ascii() {
        "" => format!("unnamed_{number}"),
        name => name.to_owned(),
    }
}

/// Where a further file has the columns of the first.
fn order(names: &[String], first: Option<&str>, others: &[String], part: &Input) -> Result<Vec<usize>> {
    let Some(first) = first else {
        return Ok((0..names.len()).collect());
    };
    let found: HashMap<&str, usize> = others.iter().map(String::as_str).zip(0..).collect();
    let known: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
    let lacking = |these: &'_ [String], known: &HashMap<&str, usize>, what: &str| {
        let lacking: Vec<&str> = these
            .iter()
            .map(String::as_str)
            .filter(|name| !known.contains_key(name))
            .collect();
        (!lacking.is_empty()).then(|| format!("{} {what}", listing(lacking.into_iter())))
    };
    let differences = [lacking(names, &found, "missing"), lacking(others, &known, "only here")];
    let differences: Vec<String> = differences.into_iter().flatten().collect();
    if differences.is_empty() {
        return Ok(names.iter().map(|name| found[name.as_str()]).collect());
    }
    let message = format!("other columns than in {first}: {}", differences.join(", "));
    let hint = "files that are one table have the same columns, in any order";
    Err(Error::data(message).within(part.name()).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of this folder with a format is listed.
    #[test]
    fn every_reader_is_listed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/read");
        let is_format = |entry: std::io::Result<std::fs::DirEntry>| {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            text.lines()
                .any(|line| line.starts_with("pub(super) const FORMAT: Format"))
        };
        let files = std::fs::read_dir(folder).unwrap().map(is_format);
        assert_eq!(files.filter(|&is| is).count(), FORMATS.len());
        assert!(FORMATS.is_sorted_by_key(|format| format.name));
    }

    /// What one format recognizes, no other does.
    #[test]
    fn formats_exclude_each_other() {
        let starts: [&[u8]; 8] = [
            b"a  b\n1  2\n3  4\n",
            b"% x\n@RELATION r\n",
            b"ARROW1\0\0",
            b"a,b\n1,2\n",
            b"{\"a\":1}",
            b"PAR1\x15\0",
            b"PK\x03\x04",
            b"a;b\n1,5;2\n",
        ];
        for start in starts {
            let options = ReadOptions::default();
            let found = FORMATS.iter().filter(|format| (format.recognize)(start, &options));
            assert!(found.count() <= 1, "{}", start.escape_ascii());
        }
    }
}
