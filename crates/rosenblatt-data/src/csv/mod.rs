//! Tables from CSV.
//!
//! What is accepted: comma, tab, semicolon or bar, found in the first lines; quotes as in RFC 4180, also around line
//! ends; LF, CRLF, or CR alone; UTF-8, and UTF-16 behind a byte order mark; gzip. White space around a cell is not
//! part of it. A line without any character is no row.
//!
//! What is refused, with file, line and the number of the cell: a row of another length than the header, a name that
//! is listed twice in the header, a number beyond f64, a quote that is never closed, text after a closing quote, a line
//! end unlike the others, a NUL byte, text that is not UTF-8.
//!
//! A column is numeric if all its present cells are numbers. It is taken for numeric until a cell says otherwise;
//! columns that change their mind after numbers were seen are read in a second pass, as their texts are needed then.
//! So memory is spent on what is kept, and never on both readings of a column. What decided is a warning: [`Warning::ReadAsText`].
//!
//! - Digits that would lose something as numbers are texts: `007`, and whole numbers of more digits than f64 keeps.
//! - Between semicolons `1,5` is one and a half. A column has points before decimals, or commas, never both.
//! - Several files are one table if they have the same columns, in any order; kinds are those of all rows together.
//! - `-`, `.` and `None` are missing among numbers, and texts among texts.
//! - Dates are read as texts; where one text keeps a column from being one of dates, there is a warning.

mod builder;
mod cells;
mod dialect;
mod encoding;
mod locate;
mod names;
mod nearly_dates;
mod place;
mod plain;
mod quantities;
mod records;
mod rules;
mod texts;

use std::collections::BTreeMap;

use rosenblatt_tensor::{Error, Result};

use crate::places::{count, listing, short};
use crate::{Column, ColumnKind, Input, Table, Warning};
use builder::{Builder, Expected};
use place::Place;
use records::{Records, Row};
use rules::Rules;

pub(crate) use dialect::is_delimiter;
pub use dialect::{Dialect, Encoding};
pub(crate) use locate::{at_cell, at_row};

/// How to read a file; the default finds out by itself.
#[derive(Clone, Debug, Default)]
pub struct CsvOptions {
    /// Between cells; found in the header line if not given.
    pub delimiter: Option<u8>,
    /// Extra markers of missing values, besides the empty cell, `NA`, `NaN`, `null` and `?`.
    pub missing: Vec<String>,
    /// Whether only an empty cell is missing: texts such as `NA` are kept as they are.
    pub literal: bool,
    /// Columns whose kind is known.
    pub kinds: BTreeMap<String, ColumnKind>,
    /// The kind of all columns not named there, if their cells shall not decide.
    pub others: Option<ColumnKind>,
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
/// assert_eq!(table.len(), 2);
/// assert!(table.column("age")?.data.is_missing(1));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn read(input: &Input, options: &CsvOptions) -> Result<Table> {
    read_with_info(input, options).map(|(table, _)| table)
}

/// How a file was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadInfo {
    /// What the file looks like.
    pub dialect: Dialect,
    /// [`Warning::ReadAsText`] of columns that look like numbers or dates, or begin with numbers.
    pub warnings: Vec<Warning>,
}

/// Reads a table, and says how it was read.
///
/// # Errors
/// As [`read`].
///
/// # Example
/// ```
/// use rosenblatt_data::{Input, Warning, csv};
/// let input = Input::memory("pets.csv", *b"age;kind\n3;cat\nold;dog\n");
/// let (_, info) = csv::read_with_info(&input, &csv::CsvOptions::default())?;
/// assert_eq!(info.dialect.delimiter, b';');
/// assert!(matches!(&info.warnings[0], Warning::ReadAsText { line: 3, text, .. } if text == "old"));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn read_with_info(input: &Input, options: &CsvOptions) -> Result<(Table, ReadInfo)> {
    let expected = |name: &str| {
        let given = options.kinds.get(name).copied().or(options.others);
        given.map_or(Expected::Anything, Expected::Given)
    };
    let first = pass(input, options, |name| Some(expected(name)))?;
    let mut warnings: Vec<Option<Warning>> = first
        .builders
        .iter()
        .map(|column| column.warning(input.parts()))
        .collect();
    let mut columns = first
        .builders
        .into_iter()
        .map(Builder::finish)
        .collect::<Result<Vec<_>>>()?;
    if columns.iter().any(Option::is_none) {
        read_texts(input, options, first.rows, &mut columns, &mut warnings)?;
    }
    let info = ReadInfo {
        dialect: first.dialect,
        warnings: warnings.into_iter().flatten().collect(),
    };
    let table = Table::new(input.name(), columns.into_iter().flatten().collect())?;
    Ok((table, info))
}

/// Reads the columns that are not there yet as texts, and gives the warnings about them.
fn read_texts(
    input: &Input,
    options: &CsvOptions,
    rows: usize,
    columns: &mut [Option<Column>],
    warnings: &mut [Option<Warning>],
) -> Result<()> {
    let mut absent = columns.iter().map(Option::is_none);
    let pass = pass(input, options, |_| absent.next()?.then_some(Expected::Texts))?;
    if pass.rows != rows {
        return Err(Error::io("the file changed while it was read").within(input.name()));
    }
    let absent = columns.iter_mut().zip(warnings).filter(|(column, _)| column.is_none());
    for ((column, warning), builder) in absent.zip(pass.builders) {
        *warning = match builder.is_dates() {
            true => None,
            false => warning.take().or_else(|| builder.warning(input.parts())),
        };
        *column = builder.finish()?;
    }
    Ok(())
}

/// What one pass over the files of a table gives.
struct Pass {
    builders: Vec<Builder>,
    rows: usize,
    /// Of the first file, with the counts of all.
    dialect: Dialect,
}

/// Reads all rows into the columns that are `wanted`; not at all is `None`.
fn pass(input: &Input, options: &CsvOptions, wanted: impl FnMut(&str) -> Option<Expected>) -> Result<Pass> {
    let (first, more) = input.parts().split_first().unwrap_or((input, &[]));
    let mut records = Records::open(first, options.delimiter)?;
    let names = header(&mut records, first)?;
    let expected: Vec<_> = names.iter().map(String::as_str).map(wanted).collect();
    let columns = names.iter().zip(expected).enumerate();
    let (wanted, builders): (Vec<usize>, Vec<Builder>) = columns
        .filter_map(|(i, (name, expected))| Some((i, Builder::new(name, expected?))))
        .unzip();
    let mut pass = Pass {
        builders,
        rows: 0,
        dialect: Dialect::default(),
    };
    let rules = |part, delimiter| Rules {
        several: !more.is_empty(),
        literal: options.literal,
        ..Rules::new(part, &options.missing, delimiter == b';')
    };
    let rules_of_first = rules(first, records.dialect.delimiter);
    pass.read(&mut records, &rules_of_first, &wanted, names.len())?;
    pass.dialect = records.dialect;
    for part in more {
        let mut records = Records::open(part, options.delimiter)?;
        let places = places(&names, first, &header(&mut records, part)?, part)?;
        let wanted: Vec<usize> = wanted.iter().map(|&i| places[i]).collect();
        pass.builders.iter_mut().for_each(Builder::begin_file);
        let rules = rules(part, records.dialect.delimiter);
        pass.read(&mut records, &rules, &wanted, names.len())?;
        pass.dialect.add_lines(&records.dialect);
    }
    Ok(pass)
}

impl Pass {
    /// Takes all rows of a file, of which every builder wants the cell at its place.
    fn read(&mut self, records: &mut Records, rules: &Rules<'_>, places: &[usize], width: usize) -> Result<()> {
        while let Some((line, row)) = records.next()? {
            if row.len() != width {
                return Err(Place { line, cell: None }.error(rules.input, ragged(row, width)));
            }
            for (&i, builder) in places.iter().zip(&mut self.builders) {
                let place = Place {
                    line,
                    cell: Some(i + 1),
                };
                builder.push(row.cell(i), place, rules)?;
            }
            self.rows += 1;
        }
        Ok(())
    }
}

/// Where a further file has the columns of the first.
fn places(names: &[String], first: &Input, others: &[String], part: &Input) -> Result<Vec<usize>> {
    let found: BTreeMap<&str, usize> = others.iter().map(String::as_str).zip(0..).collect();
    let missing = names
        .iter()
        .map(String::as_str)
        .filter(|name| !found.contains_key(name));
    let additional = others.iter().filter(|name| !names.contains(name)).map(String::as_str);
    let difference = |what: &str, listed: String| (!listed.is_empty()).then(|| format!("{listed} {what}"));
    let differences = [
        difference("missing", listing(missing)),
        difference("only here", listing(additional)),
    ];
    let differences: Vec<String> = differences.into_iter().flatten().collect();
    if differences.is_empty() {
        return Ok(names.iter().map(|name| found[name.as_str()]).collect());
    }
    let message = format!("other columns than in {}: {}", first.name(), differences.join(", "));
    let hint = "files that are one table have the same columns, in any order";
    Err(Error::data(message).within(part.name()).hint(hint))
}

fn ragged(row: &Row, expected: usize) -> Error {
    let cells = row.len();
    let hint = if cells == expected + 1 && row.cell(cells - 1).trim_ascii().is_empty() {
        "the row ends with a delimiter; the header has to end with one too"
    } else if cells > expected {
        "cells that contain the delimiter need quotes around them"
    } else {
        "cells are missing, or a line break inside a cell is not quoted"
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
                "column `{}` is listed twice in the header, as cells {first} and {number}",
                short(&name)
            );
            return Err(refuse(Error::data(message)));
        }
        names.push(name);
    }
    Ok(names)
}
