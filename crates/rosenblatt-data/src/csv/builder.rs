//! A column while it is read.

use std::collections::HashMap;

use rosenblatt_tensor::{Error, Result};

use super::cells::{self, Number};
use crate::places::short;
use crate::{Column, ColumnData, ColumnKind, Input, MISSING};

/// A place in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Counted from 1; where the row starts, if it has several.
    pub line: u64,
    /// Counted from 1.
    pub cell: Option<usize>,
}

impl Place {
    /// The error with `file:line:cell` before it.
    pub fn error(self, input: &Input, error: Error) -> Error {
        let Self { line, cell } = self;
        error.within(match cell {
            Some(cell) => format!("{}:{line}:{cell}", input.name()),
            None => format!("{}:{line}", input.name()),
        })
    }
}

/// Takes the cells of one column, one after another.
pub(super) struct Builder {
    name: String,
    /// The kind is known and cells do not change it.
    fixed: bool,
    cells: Cells,
}

enum Cells {
    /// All present cells so far are numbers.
    Numbers {
        values: Vec<f64>,
        /// Whether one was present.
        seen: bool,
        /// The first one out of range: an error, unless the column turns out to be text.
        out_of_range: Option<Error>,
    },
    Texts {
        codes: Vec<u32>,
        /// Never iterated before it is sorted.
        index: HashMap<String, u32>,
    },
    /// Numbers, then a text: to be read again.
    Undecided,
}

impl Builder {
    /// A column without cells, of a known kind or none.
    pub fn new(name: &str, kind: Option<ColumnKind>) -> Self {
        let cells = match kind {
            Some(ColumnKind::Categorical) => Cells::Texts {
                codes: Vec::new(),
                index: HashMap::new(),
            },
            _ => Cells::Numbers {
                values: Vec::new(),
                seen: false,
                out_of_range: None,
            },
        };
        Self {
            name: name.to_owned(),
            fixed: kind.is_some(),
            cells,
        }
    }

    /// Takes the next cell.
    pub fn push(&mut self, cell: &[u8], place: Place, input: &Input, more_missing: &[String]) -> Result<()> {
        let text = cells::present(cell, more_missing).map_err(|e| place.error(input, e))?;
        match (&mut self.cells, text) {
            (Cells::Undecided, _) => Ok(()),
            (Cells::Texts { codes, index }, text) => push_text(codes, index, text),
            (Cells::Numbers { values, .. }, None) => {
                values.push(f64::NAN);
                Ok(())
            }
            (Cells::Numbers { .. }, Some(text)) => self
                .push_number(text, |error| place.error(input, error))
                .map_err(|error| place.error(input, error)),
        }
    }

    fn push_number(&mut self, text: &str, place: impl Fn(Error) -> Error) -> Result<()> {
        let Cells::Numbers {
            values,
            seen,
            out_of_range,
        } = &mut self.cells
        else {
            return Ok(());
        };
        match cells::number(text) {
            Number::Text => return self.turn_to_text(text),
            Number::Finite(value) => values.push(value),
            Number::OutOfRange => {
                values.push(f64::NAN);
                out_of_range.get_or_insert_with(|| place(out_of_range_error(&self.name, text)));
            }
        }
        *seen = true;
        Ok(())
    }

    fn turn_to_text(&mut self, text: &str) -> Result<()> {
        let Cells::Numbers { values, seen, .. } = &self.cells else {
            return Ok(());
        };
        if self.fixed {
            let message = format!(
                "column `{}`: expected a number, got `{}`",
                short(&self.name),
                short(text)
            );
            return Err(Error::data(message).hint("if it stands for a missing value, add it to the words for missing"));
        }
        if *seen {
            self.cells = Cells::Undecided;
            return Ok(());
        }
        let (mut codes, mut index) = (vec![MISSING; values.len()], HashMap::new());
        push_text(&mut codes, &mut index, Some(text))?;
        self.cells = Cells::Texts { codes, index };
        Ok(())
    }

    /// The column, or `None` if it has to be read again as text.
    pub fn finish(self) -> Result<Option<Column>> {
        let data = match self.cells {
            Cells::Undecided => return Ok(None),
            Cells::Numbers {
                out_of_range: Some(error),
                ..
            } => return Err(error),
            Cells::Numbers { values, .. } => ColumnData::Numeric(values),
            Cells::Texts { codes, index } => sorted(codes, index),
        };
        Ok(Some(Column { name: self.name, data }))
    }
}

fn out_of_range_error(name: &str, text: &str) -> Error {
    Error::data(format!(
        "column `{}`: `{}` is out of range, expected a finite number",
        short(name),
        short(text)
    ))
}

fn push_text(codes: &mut Vec<u32>, index: &mut HashMap<String, u32>, text: Option<&str>) -> Result<()> {
    let Some(text) = text else {
        codes.push(MISSING);
        return Ok(());
    };
    let code = if let Some(&code) = index.get(text) {
        code
    } else {
        let next = u32::try_from(index.len()).ok().filter(|&code| code != MISSING);
        let code = next.ok_or_else(|| Error::unsupported("a column with more than four thousand million texts"))?;
        index.insert(text.to_owned(), code);
        code
    };
    codes.push(code);
    Ok(())
}

/// Renumbers the levels, so that they stand in ascending order whatever the order of the rows.
fn sorted(mut codes: Vec<u32>, index: HashMap<String, u32>) -> ColumnData {
    let mut levels: Vec<_> = index.into_iter().collect();
    levels.sort_unstable();
    let mut renumbered = vec![0; levels.len()];
    for (new, (_, old)) in levels.iter().enumerate() {
        renumbered[*old as usize] = new as u32;
    }
    for code in codes.iter_mut().filter(|code| **code != MISSING) {
        *code = renumbered[*code as usize];
    }
    ColumnData::Categorical {
        codes,
        levels: levels.into_iter().map(|(text, _)| text).collect(),
    }
}
