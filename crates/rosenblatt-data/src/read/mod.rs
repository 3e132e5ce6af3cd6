//! Tables from files: bytes become a [`Frame`], and nothing is said about what a cell means.
//!
//! What a file is, is told by its content. A format is a file of this folder and a line of [`FORMATS`]; its reader gives names and
//! arrays of Arrow, some rows at a time. Formats of text give texts as they are written.
//!
//! What is accepted of delimited text: comma, tab, semicolon or bar, found in the first lines; quotes as in RFC 4180, also
//! around line ends; LF, CRLF, or CR alone; UTF-8, UTF-16 behind a byte order mark, windows-1252, or the encoding that is named.
//! A line without any character is no row.
//!
//! What is refused, with file, line and the number of the cell: a row of another length than the header, a name that
//! is listed twice in the header, a quote that is never closed, text after a closing quote, a line end unlike the others, a NUL
//! byte, damaged text.

mod cells;
mod csv;
mod delimited;
mod dialect;
mod layout;
mod quotes;
mod split;
mod text;

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;

use arrow_array::ArrayRef;
use rosenblatt_tensor::{Error, Result};

use crate::frame::{Column, FilePlaces, Places};
use crate::options::HeaderLine;
use crate::places::listing;
use crate::warning::Warning;
use crate::{Frame, Input};

pub(crate) use dialect::is_delimiter;
pub use text::Encoding;

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
}

/// What a file looks like, apart from its cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    /// Between cells.
    pub delimiter: u8,
    /// How characters are stored.
    pub encoding: Encoding,
    /// Whether the file is packed with gzip.
    pub packed: bool,
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
    pub stored: u64,
    /// Whether it is packed.
    pub packed: bool,
}

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
    let mut table = Table::default();
    for part in input.parts() {
        table.read(part, options)?;
    }
    let names = table.names.iter().cloned();
    let columns = names.zip(table.chunks).map(|(name, chunks)| Column { name, chunks });
    let frame = Frame::new(input.name().to_owned(), columns.collect(), table.places)?;
    Ok((frame.with_decimal_commas(table.commas), table.info))
}

/// A table while its files are read.
#[derive(Default)]
struct Table {
    first: Option<String>,
    names: Arc<[String]>,
    chunks: Vec<Vec<ArrayRef>>,
    /// For each file how many arrays its columns have, and whether `1,5` is one and a half there.
    commas: Vec<(usize, bool)>,
    places: Places,
    info: ReadInfo,
}

impl Table {
    /// Adds the rows of a file.
    fn read(&mut self, part: &Input, options: &ReadOptions) -> Result<()> {
        let opened = part.open()?;
        let mut dialect = Dialect {
            packed: opened.packed,
            ..Dialect::default()
        };
        let mut reader = csv::open(opened, options, &mut dialect)?;
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
                chunks.push(Arc::clone(&rows.columns[at]));
            }
        }
        reader.describe(&mut dialect);
        self.commas.push((arrays, dialect.delimiter == b';'));
        self.info.warnings.extend(reader.warnings());
        match self.first {
            None => self.info.dialect = dialect,
            Some(_) => self.info.dialect.add_lines(&dialect),
        }
        self.first.get_or_insert_with(|| part.name().to_owned());
        self.places.add(places);
        Ok(())
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
