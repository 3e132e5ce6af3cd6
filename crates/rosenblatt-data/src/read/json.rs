//! JSON: records one after the other (JSON Lines), an array of records, or an object of columns. Numbers stay as they are written.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use rosenblatt_tensor::{Error, Result};
use serde_json::value::RawValue;

use super::json_values::{self, Elements, Entries, Values, parse, with_constants};
use super::records::Records;
use super::{Dialect, Format, Opened, ReadOptions, Reader, text};
use crate::places::short;

pub(super) const FORMAT: Format = Format {
    name: "json",
    takes: &["data.encoding", "data.names"],
    recognize: |start, _| is_json(start),
    open,
};

/// Whether records begin here: `{"`, `{}`, `[{`, `[[`, `[]`.
fn is_json(start: &[u8]) -> bool {
    let mut bytes = start.iter().filter(|byte| !byte.is_ascii_whitespace());
    let two = (bytes.next(), bytes.next());
    matches!(
        two,
        (Some(b'{'), Some(b'"' | b'}')) | (Some(b'['), Some(b'{' | b'[' | b']'))
    )
}

fn open(opened: Opened, options: &ReadOptions, found: &mut Dialect) -> Result<Box<dyn Reader>> {
    let name = opened.name;
    let (source, encoding) = text::utf8(opened.reader, &name, options.encoding)?;
    found.encoding = encoding;
    let mut values = Values::new(source, &name);
    let mut records = Records::new(&name);
    let mut columns = Columns::default();
    while let Some(line) = values.next()? {
        let value = with_constants(values.take()?);
        let value = parse_value(&value).map_err(|error| at_line(error, &name, line))?;
        let is_table = records.is_empty() && value.iter().any(|(_, cell)| is_nested(cell));
        let at_line = |error: Error| at_line(error, &name, line);
        if is_table && !values.is_array() && !values.more()? {
            columns.table(&value, &mut records).map_err(at_line)?;
            break;
        }
        columns.record(&value, &mut records).map_err(at_line)?;
        records.end_row(line, values.bytes()).map_err(at_line)?;
    }
    Ok(Box::new(records.finish(options)?))
}

fn at_line(error: Error, name: &str, line: u64) -> Error {
    error.within(format!("{name}:{line}"))
}

fn is_nested(cell: &RawValue) -> bool {
    cell.get().starts_with(['{', '['])
}

type Object<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// The keys and values of an object.
fn parse_value<'a>(value: &'a str) -> Result<Object<'a>> {
    if value.starts_with('[') {
        let error = Error::data("a row without names, expected a record such as `{\"name\": 1}`");
        return Err(error.hint("write records, or an object with an array for each column"));
    }
    let mut object = Vec::new();
    parse(
        value,
        Entries(|key: Cow<'a, str>, cell: &'a RawValue| {
            object.push((key, cell));
            Ok(())
        }),
    )?;
    Ok(object)
}

/// Where keys have their columns.
#[derive(Default)]
struct Columns {
    of: HashMap<String, usize>,
}

impl Columns {
    fn find(&mut self, key: &str, guess: usize, records: &mut Records) -> Result<usize> {
        if records.name(guess) == Some(key) {
            return Ok(guess);
        }
        if let Some(&found) = self.of.get(key) {
            return Ok(found);
        }
        let new = records.add_column(key)?;
        self.of.insert(key.to_owned(), new);
        Ok(new)
    }

    /// Adds a row.
    fn record(&mut self, object: &Object<'_>, records: &mut Records) -> Result<()> {
        for (guess, (key, cell)) in object.iter().enumerate() {
            let column = self.find(key, guess, records)?;
            if records.has(column) {
                return Err(Error::data(format!(
                    "the key `{}` is there twice in a record",
                    short(key)
                )));
            }
            push(cell, column, key, records)?;
        }
        Ok(())
    }

    /// Takes an object that is all of the table.
    fn table(&mut self, object: &Object<'_>, records: &mut Records) -> Result<()> {
        let of = |key: &str| object.iter().find(|(name, _)| name == key).map(|(_, cell)| *cell);
        if let (Some(names), Some(rows)) = (of("columns"), of("data"))
            && names.get().starts_with('[')
            && rows.get().starts_with('[')
        {
            return self.split(names, rows, records);
        }
        let mut names_of_rows = None;
        for (key, column) in object {
            let at = records.add_column(key)?;
            let mut names = DefaultHasher::new();
            let mut rows = 0_u64;
            let mut cell = |cell: &RawValue| {
                rows += 1;
                push(cell, at, key, records)
            };
            match column.get().as_bytes().first() {
                Some(b'[') => parse(column.get(), Elements(cell))?,
                Some(b'{') => parse(
                    column.get(),
                    Entries(|row: Cow<'_, str>, value: &_| {
                        check_row_name(key, &row)?;
                        row.hash(&mut names);
                        cell(value)
                    }),
                )?,
                _ => {
                    let message = format!("`{}` is neither an array nor an object, as others are", short(key));
                    return Err(Error::data(message).hint(SHAPES));
                }
            }
            let rows = (rows, names.finish());
            let first = *names_of_rows.get_or_insert(rows);
            if first != rows {
                let message = match first.0 == rows.0 {
                    true => format!("`{}` has other rows than the column before", short(key)),
                    false => format!(
                        "`{}` has {} rows, but the column before has {}",
                        short(key),
                        rows.0,
                        first.0
                    ),
                };
                return Err(Error::data(message).hint(SHAPES));
            }
        }
        records.end_columns(names_of_rows.map_or(0, |(rows, _)| rows))
    }

    /// Names in one array, rows in another, as pandas writes them with `orient="split"`.
    fn split(&mut self, names: &RawValue, rows: &RawValue, records: &mut Records) -> Result<()> {
        parse(
            names.get(),
            Elements(|name: &RawValue| {
                let text = json_values::text(name.get())?.unwrap_or_default();
                records.add_column(&text).map(drop)
            }),
        )?;
        let (width, mut number) = (records.width(), 0);
        parse(
            rows.get(),
            Elements(|row: &RawValue| {
                number += 1;
                let mut column = 0;
                let of_row = |error: Error| error.within(format!("row {number}"));
                let take = Elements(|cell: &RawValue| {
                    if column >= width {
                        return Err(Error::data(format!("more cells than the {width} columns")));
                    }
                    let name = records.name(column).unwrap_or_default().to_owned();
                    push(cell, column, &name, records)?;
                    column += 1;
                    Ok(())
                });
                parse(row.get(), take).map_err(of_row)?;
                match column == width {
                    true => records.end_row(0, u64::MAX).map_err(of_row),
                    false => Err(of_row(Error::data(format!(
                        "{column} cells, but there are {width} columns"
                    )))),
                }
            }),
        )
    }
}

/// What a table may look like.
const SHAPES: &str = "a table is an array of records, a record a line, or an object with an array for each column";

/// Refuses objects whose keys do not count rows: they may as well be columns.
fn check_row_name(column: &str, row: &str) -> Result<()> {
    if row.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(Error::data(format!(
        "`{}` holds an object with the key `{}`, expected a cell",
        short(column),
        short(row)
    ))
    .hint(SHAPES))
}

/// Adds a cell.
fn push(cell: &RawValue, column: usize, key: &str, records: &mut Records) -> Result<()> {
    if is_nested(cell) {
        let what = if cell.get().starts_with('[') {
            "an array"
        } else {
            "an object"
        };
        let error = Error::data(format!(
            "`{}` holds {what}, expected a number, a text, true, false or null",
            short(key)
        ));
        return Err(error.hint("give each of its values a column of its own"));
    }
    records.push(column, json_values::text(cell.get())?.as_deref())
}
