//! Tables from CSV.
//!
//! What is accepted: comma, tab, semicolon or bar, found in the first lines; quotes as in RFC 4180, also around line
//! ends; LF, CRLF, or CR alone; UTF-8, and UTF-16 behind a byte order mark; gzip. White space around a cell is not
//! part of it. A line without any character is no row.
//!
//! What is refused, with file, line and the number of the cell: a row of another length than the header, a name that
//! stands twice in the header, a number beyond f64, a quote that is never closed, text behind a closing quote, a line
//! end unlike the others, a NUL byte, text that is not UTF-8.
//!
//! A column is numeric if all its present cells are numbers. It is taken for numeric until a cell says otherwise;
//! columns that change their mind after numbers were seen are read in a second pass, as their texts are needed then.
//! So memory is spent on what is kept, and never on both readings of a column. What decided is told: [`Oddity`].
//!
//! - Digits that would lose something as numbers are texts: `007`, and whole numbers of more digits than f64 keeps.
//! - Between semicolons `1,5` is one and a half. A column has points before decimals, or commas, never both.
//! - `-`, `.` and `None` are missing among numbers, and texts among texts.

mod builder;
mod cells;
mod dialect;
mod encoding;
mod records;

use std::collections::BTreeMap;

use rosenblatt_tensor::{Error, Result};

use crate::places::{count, short};
use crate::{ColumnKind, Input, Table};
use builder::{Builder, Place, Rules};
use records::{Records, Row};

pub use builder::Oddity;
pub use dialect::{Dialect, Encoding};

/// How to read a file; the default finds out by itself.
#[derive(Clone, Debug, Default)]
pub struct CsvOptions {
    /// Between cells; found in the header line if not given.
    pub delimiter: Option<u8>,
    /// Texts for a missing cell, beside the empty one, `NA`, `NaN`, `null` and `?`.
    pub missing: Vec<String>,
    /// Columns whose kind is known; columns not named here decide by their cells.
    pub kinds: BTreeMap<String, ColumnKind>,
}

/// Reads a table.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] with `file:line:cell` for everything the module refuses;
/// [`rosenblatt_tensor::ErrorKind::Io`] if the file cannot be read.
///
/// # Example
/// ```
/// use rosenblatt_data::{ColumnData, Input, csv};
/// let input = Input::memory("pets.csv", *b"age,kind\n3,cat\n,dog\n");
/// let table = csv::read(&input, &csv::CsvOptions::default())?;
/// assert_eq!(table.rows(), 2);
/// assert!(table.column("age")?.data.is_missing(1));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn read(input: &Input, options: &CsvOptions) -> Result<Table> {
    read_with_findings(input, options).map(|(table, _)| table)
}

/// What was found out about a file while it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// What the file looks like.
    pub dialect: Dialect,
    /// Columns that look like numbers, or begin with numbers, and are texts.
    pub oddities: Vec<Oddity>,
}

/// Reads a table, and tells what was found out on the way.
///
/// # Errors
/// As [`read`].
///
/// # Example
/// ```
/// use rosenblatt_data::{Input, csv};
/// let input = Input::memory("pets.csv", *b"age;kind\n3;cat\nold;dog\n");
/// let (_, findings) = csv::read_with_findings(&input, &csv::CsvOptions::default())?;
/// assert_eq!(findings.dialect.delimiter, b';');
/// assert_eq!((&*findings.oddities[0].text, findings.oddities[0].line), ("old", 3));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn read_with_findings(input: &Input, options: &CsvOptions) -> Result<(Table, Findings)> {
    let first = pass(input, options, |name| Some(options.kinds.get(name).copied()))?;
    let findings = Findings {
        dialect: first.dialect,
        oddities: first.builders.iter().filter_map(Builder::oddity).collect(),
    };
    let mut columns = first
        .builders
        .into_iter()
        .map(Builder::finish)
        .collect::<Result<Vec<_>>>()?;
    let undecided: Vec<bool> = columns.iter().map(Option::is_none).collect();
    if undecided.contains(&true) {
        let mut undecided = undecided.into_iter();
        let text = |_: &str| {
            undecided
                .next()
                .and_then(|again| again.then_some(Some(ColumnKind::Categorical)))
        };
        let second = pass(input, options, text)?;
        if second.rows != first.rows {
            return Err(Error::io("the file changed while it was read").within(input.name()));
        }
        let mut texts = second.builders.into_iter();
        for column in columns.iter_mut().filter(|column| column.is_none()) {
            *column = texts.next().map(Builder::finish).transpose()?.flatten();
        }
    }
    let table = Table::new(input.name(), columns.into_iter().flatten().collect())?;
    Ok((table, findings))
}

/// What one pass over a file gives.
struct Pass {
    builders: Vec<Builder>,
    rows: usize,
    dialect: Dialect,
}

/// Reads all rows into the columns that are `wanted`: not at all (`None`), or with a known or unknown kind.
fn pass(
    input: &Input,
    options: &CsvOptions,
    mut wanted: impl FnMut(&str) -> Option<Option<ColumnKind>>,
) -> Result<Pass> {
    let mut records = Records::open(input, options.delimiter)?;
    let names = header(&mut records, input)?;
    let columns = names
        .iter()
        .enumerate()
        .filter_map(|(i, name)| Some((i, Builder::new(name, wanted(name)?))));
    let mut columns: Vec<(usize, Builder)> = columns.collect();
    let rules = Rules {
        input,
        missing: &options.missing,
        decimal_comma: records.dialect.delimiter == b';',
    };
    let mut rows = 0;
    while let Some((line, row)) = records.next()? {
        if row.len() != names.len() {
            return Err(Place { line, cell: None }.error(input, ragged(row, names.len())));
        }
        for (i, builder) in &mut columns {
            let place = Place {
                line,
                cell: Some(*i + 1),
            };
            builder.push(row.cell(*i), place, &rules)?;
        }
        rows += 1;
    }
    Ok(Pass {
        builders: columns.into_iter().map(|(_, builder)| builder).collect(),
        rows,
        dialect: records.dialect,
    })
}

fn ragged(row: &Row, expected: usize) -> Error {
    let cells = row.len();
    let hint = if cells == expected + 1 && row.cell(cells - 1).trim_ascii().is_empty() {
        "the row ends with a delimiter; the header has to end with one too"
    } else if cells > expected {
        "cells that contain the delimiter need quotes around them"
    } else {
        "cells are missing, or a line end inside a cell has no quotes around it"
    };
    Error::data(format!("{}, but the header has {expected}", count(cells, "cell"))).hint(hint)
}

/// The names of the first record; an empty one is called by its place.
fn header(records: &mut Records, input: &Input) -> Result<Vec<String>> {
    let Some((line, row)) = records.next()? else {
        return Err(Place { line: 1, cell: None }.error(input, Error::data("is empty, expected a header line")));
    };
    let mut names: Vec<String> = Vec::with_capacity(row.len());
    let mut seen = BTreeMap::new();
    for number in 1..=row.len() {
        let refuse = |error: Error| {
            Place {
                line,
                cell: Some(number),
            }
            .error(input, error)
        };
        let text = cells::text(row.cell(number - 1)).map_err(refuse)?;
        let name = if text.is_empty() {
            format!("unnamed_{number}")
        } else {
            text.to_owned()
        };
        if let Some(first) = seen.insert(name.clone(), number) {
            let message = format!(
                "column `{}` stands twice in the header, as cells {first} and {number}",
                short(&name)
            );
            return Err(refuse(Error::data(message)));
        }
        names.push(name);
    }
    Ok(names)
}
