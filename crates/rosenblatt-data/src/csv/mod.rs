//! Tables from CSV.
//!
//! What is accepted: comma, tab or semicolon, found in the header line; quotes as in RFC 4180, also around line ends;
//! LF and CRLF; a byte order mark; gzip. White space around a cell is not part of it. A line without any
//! character is no row.
//!
//! What is refused, with file, line and the number of the cell: a row of another length than the header, a name that
//! stands twice in the header, a number beyond f64, a quote that is never closed, text that is not UTF-8.
//!
//! A column is numeric if all its present cells are numbers. It is taken for numeric until a cell says otherwise; columns
//! that change their mind after numbers were seen are read in a second pass, as their texts (`007`) are needed then. So
//! memory is spent on what is kept, and never on both readings of a column.

mod builder;
mod cells;
mod dialect;
mod records;

use std::collections::BTreeMap;

use rosenblatt_tensor::{Error, Result};

use crate::places::{count, short};
use crate::{Column, ColumnKind, Input, Table};
use builder::{Builder, Place};
use records::Records;

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
    let (names, builders, rows) = pass(input, options, |name| Some(options.kinds.get(name).copied()))?;
    let mut columns: Vec<Option<Column>> = Vec::with_capacity(names.len());
    for builder in builders {
        columns.push(builder.finish().map_err(|(place, e)| e.within(place.text(input)))?);
    }
    if columns.iter().any(Option::is_none) {
        let undecided: Vec<_> = names
            .iter()
            .zip(&columns)
            .filter(|(_, c)| c.is_none())
            .map(|(n, _)| n.as_str())
            .collect();
        let again = |name: &str| undecided.contains(&name).then_some(Some(ColumnKind::Categorical));
        let (_, builders, rows_again) = pass(input, options, again)?;
        if rows_again != rows || builders.len() != undecided.len() {
            return Err(Error::io("the file changed while it was read").within(input.name()));
        }
        let mut texts = builders.into_iter();
        for column in columns.iter_mut().filter(|column| column.is_none()) {
            let text = texts
                .next()
                .map(Builder::finish)
                .transpose()
                .map_err(|(place, e)| e.within(place.text(input)))?;
            *column = text.flatten();
        }
    }
    Table::new(input.name(), columns.into_iter().flatten().collect())
}

/// Reads all rows into the columns that `wanted` names: not at all (`None`), or with a known or unknown kind.
fn pass(
    input: &Input,
    options: &CsvOptions,
    wanted: impl Fn(&str) -> Option<Option<ColumnKind>>,
) -> Result<(Vec<String>, Vec<Builder>, usize)> {
    let mut records = Records::open(input, options.delimiter)?;
    let names = header(&mut records).map_err(|(place, e)| e.within(place.text(input)))?;
    let mut builders: Vec<(usize, Builder)> = Vec::new();
    for (i, name) in names.iter().enumerate() {
        if let Some(kind) = wanted(name) {
            builders.push((i, Builder::new(name, kind)));
        }
    }
    let mut rows = 0;
    while let Some((line, cells)) = records.next()? {
        if cells.len() != names.len() {
            let found = count(cells.len(), "cell");
            let error = Error::data(format!("{found}, but the header has {}", names.len()));
            return Err(error.hint(LENGTH_HINT).within(Place { line, cell: None }.text(input)));
        }
        for (i, builder) in &mut builders {
            let place = Place {
                line,
                cell: Some(*i + 1),
            };
            builder
                .push(&cells[*i], place, &options.missing)
                .map_err(|e| e.within(place.text(input)))?;
        }
        rows += 1;
    }
    Ok((names, builders.into_iter().map(|(_, builder)| builder).collect(), rows))
}

const LENGTH_HINT: &str = "cells that contain the delimiter need quotes around them";

/// The names of the first record; an empty one is called by its place.
fn header(records: &mut Records) -> std::result::Result<Vec<String>, (Place, Error)> {
    let start = Place { line: 1, cell: None };
    let Some((line, cells)) = records.next().map_err(|e| (start, e))? else {
        return Err((start, Error::data("is empty, expected a header line")));
    };
    let mut names: Vec<String> = Vec::with_capacity(cells.len());
    let mut seen = BTreeMap::new();
    for (i, cell) in cells.iter().enumerate() {
        let place = Place {
            line,
            cell: Some(i + 1),
        };
        let text = cells::text(cell).map_err(|e| (place, e))?;
        if text.contains('\r') {
            let hint = "convert the line ends to LF or CRLF";
            return Err((
                place,
                Error::data("lines that end in a carriage return alone are not read").hint(hint),
            ));
        }
        let name = if text.is_empty() {
            format!("unnamed_{}", i + 1)
        } else {
            text.to_owned()
        };
        if let Some(first) = seen.insert(name.clone(), i + 1) {
            let message = format!(
                "column `{}` stands twice in the header, as cells {first} and {}",
                short(&name),
                i + 1
            );
            return Err((place, Error::data(message)));
        }
        names.push(name);
    }
    Ok(names)
}
