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

/// What every cell is judged by.
pub(super) struct Rules<'a> {
    pub input: &'a Input,
    /// Further texts for a missing cell.
    pub missing: &'a [String],
    /// Whether `1,5` is one and a half.
    pub decimal_comma: bool,
}

/// Why a column with numbers was read as texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// The name of the column.
    pub column: String,
    /// The line of the cell, counted from 1.
    pub line: u64,
    /// The number of the cell in its row, counted from 1.
    pub cell: usize,
    /// The first cell that speaks against numbers, cut to a length fit for a message.
    pub text: String,
    /// What is the matter with it.
    pub reason: String,
}

/// Takes the cells of one column, one after another.
pub(super) struct Builder {
    name: String,
    /// The kind is known and cells do not change it.
    fixed: bool,
    cells: Cells,
    /// The first cell that speaks against numbers.
    oddity: Option<Oddity>,
}

enum Cells {
    Numbers(Numbers),
    Texts {
        codes: Vec<u32>,
        /// Never iterated before it is sorted.
        index: HashMap<String, u32>,
    },
    /// Numbers, then a text: to be read again.
    Undecided,
}

/// All present cells so far are numbers.
#[derive(Default)]
struct Numbers {
    values: Vec<f64>,
    /// Whether one was present.
    seen: bool,
    /// Whether a text was taken for a missing number, which would be a category among texts.
    words: bool,
    /// What stands before the decimals, once it is known.
    mark: Option<char>,
    /// The first one out of range: an error, unless the column turns out to be text.
    out_of_range: Option<Error>,
}

impl Builder {
    /// A column without cells, of a known kind or none.
    pub fn new(name: &str, kind: Option<ColumnKind>) -> Self {
        let cells = match kind {
            Some(ColumnKind::Categorical) => Cells::Texts {
                codes: Vec::new(),
                index: HashMap::new(),
            },
            _ => Cells::Numbers(Numbers::default()),
        };
        Self {
            name: name.to_owned(),
            fixed: kind.is_some(),
            cells,
            oddity: None,
        }
    }

    /// Takes the next cell.
    pub fn push(&mut self, cell: &[u8], place: Place, rules: &Rules<'_>) -> Result<()> {
        let error = |error| place.error(rules.input, error);
        let text = cells::present(cell, rules.missing).map_err(error)?;
        match (&mut self.cells, text) {
            (Cells::Undecided, _) => Ok(()),
            (Cells::Texts { codes, index }, text) => push_text(codes, index, text),
            (Cells::Numbers(numbers), None) => {
                numbers.values.push(f64::NAN);
                Ok(())
            }
            (Cells::Numbers(_), Some(text)) => self.push_number(text, place, rules).map_err(error),
        }
    }

    fn push_number(&mut self, text: &str, place: Place, rules: &Rules<'_>) -> Result<()> {
        let Cells::Numbers(numbers) = &mut self.cells else {
            return Ok(());
        };
        if cells::is_missing_number(text) {
            numbers.values.push(f64::NAN);
            numbers.words = true;
            return Ok(());
        }
        if !self.fixed
            && let Some(reason) = cells::is_name(text)
        {
            self.oddity
                .get_or_insert_with(|| oddity(&self.name, text, place, reason));
        }
        let comma = rules.decimal_comma && text.contains(',') && !text.contains('.');
        let mark = text.chars().find(|c| matches!(c, '.' | ','));
        let number = if comma {
            cells::number(&text.replace(',', "."))
        } else {
            cells::number(text)
        };
        let value = match number {
            Number::Text => return self.turn_to_text(text, place),
            _ if mark.is_some() && numbers.mark.is_some_and(|other| mark != Some(other)) => {
                return self.turn_to_text(text, place);
            }
            Number::Finite(value) => value,
            Number::OutOfRange => {
                let error = || place.error(rules.input, out_of_range_error(&self.name, text));
                numbers.out_of_range.get_or_insert_with(error);
                f64::NAN
            }
        };
        numbers.values.push(value);
        numbers.seen = true;
        numbers.mark = numbers.mark.or(mark);
        Ok(())
    }

    fn turn_to_text(&mut self, text: &str, place: Place) -> Result<()> {
        let Cells::Numbers(numbers) = &self.cells else {
            return Ok(());
        };
        if self.fixed {
            let message = format!(
                "column `{}`: expected a number, got `{}`",
                short(&self.name),
                short(text)
            );
            let hint = match cells::beside_number(text) {
                Some(beside) => format!("write numbers without `{beside}`, with a point before decimals"),
                None => "if it stands for a missing value, add it to the words for missing".to_owned(),
            };
            return Err(Error::data(message).hint(hint));
        }
        if numbers.seen || cells::beside_number(text).is_some() {
            self.oddity
                .get_or_insert_with(|| oddity(&self.name, text, place, "is no number"));
        }
        if numbers.seen || numbers.words {
            self.cells = Cells::Undecided;
            return Ok(());
        }
        let (mut codes, mut index) = (vec![MISSING; numbers.values.len()], HashMap::new());
        push_text(&mut codes, &mut index, Some(text))?;
        self.cells = Cells::Texts { codes, index };
        Ok(())
    }

    /// What speaks against numbers, if anything does.
    pub fn oddity(&self) -> Option<Oddity> {
        self.oddity.clone()
    }

    /// The column, or `None` if it has to be read again as text.
    pub fn finish(self) -> Result<Option<Column>> {
        let data = match self.cells {
            Cells::Undecided => return Ok(None),
            Cells::Numbers(_) if self.oddity.is_some() => return Ok(None),
            Cells::Numbers(numbers) if numbers.words && !numbers.seen && !self.fixed => return Ok(None),
            Cells::Numbers(Numbers {
                out_of_range: Some(error),
                ..
            }) => return Err(error),
            Cells::Numbers(numbers) => ColumnData::Numeric(numbers.values),
            Cells::Texts { codes, index } => sorted(codes, index),
        };
        Ok(Some(Column { name: self.name, data }))
    }
}

impl std::fmt::Display for Oddity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            column,
            line,
            text,
            reason,
            ..
        } = self;
        write!(
            f,
            "`{}` is read as text: `{text}` in line {line} {reason}",
            short(column)
        )
    }
}

fn oddity(column: &str, text: &str, place: Place, reason: &str) -> Oddity {
    Oddity {
        column: column.to_owned(),
        line: place.line,
        cell: place.cell.unwrap_or(1),
        text: short(text),
        reason: reason.to_owned(),
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
