//! Columns that go from the data to the predictions as they are.

use std::ffi::OsStr;

use rosenblatt_data::csv::{self, CsvOptions};
use rosenblatt_data::sets::Content;
use rosenblatt_data::{Column, ColumnData, ColumnKind, DataRef, Input, MISSING, Schema, resolve};
use rosenblatt_tensor::{Error, Result};

use crate::flags::source;

/// One of them.
pub(crate) struct Passthrough {
    /// Its name.
    pub(crate) name: String,
    /// One text a row; empty where missing.
    pub(crate) cells: Vec<String>,
}

/// The named columns of DATA, in the order they are asked for.
///
/// # Errors
/// There is no such column, or DATA is no table that can be read a second time.
pub(crate) fn keep(schema: &Schema, data: &OsStr, names: &[String]) -> Result<Vec<Passthrough>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let cannot = |what: &str, hint: &str| Err(Error::config(what).within("--keep").hint(hint));
    let (input, rows) = match resolve(&source(data)?)? {
        DataRef::File(path) => (Input::file(path), None),
        DataRef::Set(set) => match set.content {
            Content::Csv(bytes) => (Input::embedded(set.name, bytes), set.held_out()?),
            Content::Idx { .. } => return cannot("images have no columns", "leave it out"),
        },
        DataRef::Folder(folder) => match Input::tables_in(&folder)? {
            Some(files) => (files, None),
            None => return cannot("images have no columns", "leave it out"),
        },
        DataRef::Stdin => return cannot("standard input can be read only once", "write it to a file first"),
    };
    // As categories, cells stay the texts they are: `007`, `1.50`.
    let kinds = names
        .iter()
        .map(|name| (name.clone(), ColumnKind::Categorical))
        .collect();
    let table = csv::read(
        &input,
        &CsvOptions {
            literal: true,
            kinds,
            ..schema.reading()
        },
    )?;
    let column = |name: &String| {
        let column = table.column(name).map_err(|error| error.for_setting("--keep"))?;
        Ok(Passthrough {
            name: name.clone(),
            cells: cells(
                &rows
                    .as_deref()
                    .map_or_else(|| column.clone(), |rows| column.select(rows)),
            ),
        })
    };
    names.iter().map(column).collect()
}

fn cells(column: &Column) -> Vec<String> {
    match &column.data {
        ColumnData::Numeric(values) => values.iter().map(|x| x.to_string()).collect(),
        ColumnData::Categorical { codes, levels } => {
            let text = |&code: &u32| {
                if code == MISSING {
                    String::new()
                } else {
                    levels[code as usize].clone()
                }
            };
            codes.iter().map(text).collect()
        }
    }
}
