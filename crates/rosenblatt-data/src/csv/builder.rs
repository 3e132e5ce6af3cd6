//! A column while it is read.

use rosenblatt_tensor::{Advice, Error, Result};

use super::cells;
use super::names::Names;
use super::nearly_dates::{NearlyDates, Spot};
use super::place::Place;
use super::quantities::Quantities;
use super::rules::Rules;
use crate::places::short;
use crate::{Column, ColumnData, ColumnKind, Input, Warning};

/// What is known of a column before its cells are read.
#[derive(Clone, Copy)]
pub(super) enum Expected {
    /// Nothing: the cells decide.
    Anything,
    /// Texts, since the cells decided so when they were read before.
    Texts,
    /// What the user says.
    Given(ColumnKind),
}

/// Takes the cells of one column, one after another.
pub(super) struct Builder {
    name: String,
    /// The kind is given, and cells do not change it.
    fixed: bool,
    cells: Cells,
    /// About the first cell that is not a number.
    warning: Option<Warning>,
    /// Which texts are not dates.
    nearly_dates: NearlyDates,
    /// The number of the file that is read.
    file: usize,
}

enum Cells {
    Numbers(Quantities),
    Texts(Names),
    /// Numbers, then a text: to be read again.
    Undecided,
}

impl Builder {
    /// A column without cells.
    pub fn new(name: &str, expected: Expected) -> Self {
        let cells = match expected {
            Expected::Texts | Expected::Given(ColumnKind::Categorical | ColumnKind::Date) => {
                Cells::Texts(Names::default())
            }
            Expected::Anything | Expected::Given(ColumnKind::Numeric) => Cells::Numbers(Quantities::default()),
        };
        Self {
            name: name.to_owned(),
            fixed: matches!(expected, Expected::Given(_)),
            cells,
            warning: None,
            nearly_dates: NearlyDates::default(),
            file: 0,
        }
    }

    /// Takes the next cell.
    ///
    /// Nearly all cells are decimals or texts that came before, and are taken without a further look.
    pub fn push(&mut self, cell: &[u8], place: Place, rules: &Rules<'_>) -> Result<()> {
        let cell = cells::trimmed(cell);
        let taken = match &mut self.cells {
            Cells::Numbers(numbers) => numbers.take(cell, rules),
            Cells::Texts(names) => names.take(cell),
            Cells::Undecided => false,
        };
        if taken {
            Ok(())
        } else {
            self.look_at(cell, place, rules)
        }
    }

    fn look_at(&mut self, cell: &[u8], place: Place, rules: &Rules<'_>) -> Result<()> {
        let error = |error| place.error(rules.input, error);
        let text = cells::text(cell).map_err(error)?;
        match &mut self.cells {
            Cells::Undecided => Ok(()),
            Cells::Texts(_) => self.push_text(text, place, rules),
            Cells::Numbers(numbers) if rules.is_missing(text) => {
                numbers.values.push_missing();
                Ok(())
            }
            Cells::Numbers(_) => self.push_number(text, place, rules).map_err(error),
        }
    }

    fn push_text(&mut self, text: &str, place: Place, rules: &Rules<'_>) -> Result<()> {
        let Cells::Texts(names) = &mut self.cells else {
            return Ok(());
        };
        let missing = rules.is_missing(text);
        let code = names.add(text, missing)?;
        if !self.fixed && !missing {
            let file = self.file;
            self.nearly_dates.see(text, Spot { file, place, code });
        }
        Ok(())
    }

    fn push_number(&mut self, text: &str, place: Place, rules: &Rules<'_>) -> Result<()> {
        let Cells::Numbers(numbers) = &mut self.cells else {
            return Ok(());
        };
        if cells::is_missing_number(text) {
            numbers.values.push_missing();
            numbers.words = true;
            return Ok(());
        }
        if !self.fixed
            && let Some(reason) = cells::is_name(text)
        {
            let warning = || read_as_text((&self.name, text), place, rules.file(), reason);
            self.warning.get_or_insert_with(warning);
        }
        let out_of_range = || place.error(rules.input, out_of_range_error(&self.name, text));
        match numbers.add(text, rules, out_of_range) {
            true => Ok(()),
            false => self.turn_to_text(text, place, rules),
        }
    }

    fn turn_to_text(&mut self, text: &str, place: Place, rules: &Rules<'_>) -> Result<()> {
        let Cells::Numbers(numbers) = &self.cells else {
            return Ok(());
        };
        if self.fixed {
            return Err(no_number_error(&self.name, text));
        }
        if numbers.seen || cells::unit_of_number(text).is_some() {
            let warning = || read_as_text((&self.name, text), place, rules.file(), "is not a number");
            self.warning.get_or_insert_with(warning);
        }
        if numbers.seen || numbers.words {
            self.cells = Cells::Undecided;
            return Ok(());
        }
        self.cells = Cells::Texts(Names::missing(numbers.values.len()));
        self.push_text(text, place, rules)
    }

    /// Forgets what belongs to a file alone: each may have points or commas before decimals.
    pub fn begin_file(&mut self) {
        self.file += 1;
        if let Cells::Numbers(numbers) = &mut self.cells {
            numbers.mark = None;
        }
    }

    /// Whether all its texts are dates: then it does not matter which are not numbers.
    pub fn is_dates(&self) -> bool {
        matches!(self.cells, Cells::Texts(_)) && self.nearly_dates.are_dates()
    }

    /// The warning about the cell that is not a number, or not a date, if there is one; `files` are those that were read.
    pub fn warning(&self, files: &[Input]) -> Option<Warning> {
        if let (None, Cells::Texts(names)) = (&self.warning, &self.cells) {
            let (spot, reason) = self.nearly_dates.found(|code| names.text(code))?;
            let file = files.get(spot.file).filter(|_| files.len() > 1);
            return Some(read_as_text(
                (&self.name, names.text(spot.code)),
                spot.place,
                file,
                &reason,
            ));
        }
        self.warning.clone()
    }

    /// The column, or `None` if it has to be read again as text.
    pub fn finish(self) -> Result<Option<Column>> {
        let data = match self.cells {
            Cells::Undecided => return Ok(None),
            Cells::Numbers(_) if self.warning.is_some() => return Ok(None),
            Cells::Numbers(numbers) if numbers.words && !numbers.seen && !self.fixed => return Ok(None),
            Cells::Numbers(Quantities {
                out_of_range: Some(error),
                ..
            }) => return Err(error),
            Cells::Numbers(mut numbers) => {
                numbers.values.shrink();
                ColumnData::Numeric(numbers.values)
            }
            Cells::Texts(names) => names.sorted(),
        };
        Ok(Some(Column { name: self.name, data }))
    }
}

/// The warning about a cell of a column with this text; `file` is given if there are several.
fn read_as_text((column, text): (&str, &str), place: Place, file: Option<&Input>, reason: &str) -> Warning {
    Warning::ReadAsText {
        column: column.to_owned(),
        file: file.map(|file| file.name().to_owned()),
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

fn no_number_error(name: &str, text: &str) -> Error {
    let message = format!("column `{}`: expected a number, got `{}`", short(name), short(text));
    Error::data(message).hint(match cells::unit_of_number(text) {
        Some(unit) => format!("write numbers without `{unit}`, with a point before decimals").into(),
        None => {
            let (hint, key) = (Advice::new("if it marks a missing value, add "), "data.missing");
            // A long text is not shown whole.
            let is_whole = short(text) == text;
            let hint = if is_whole {
                hint.set(key, text)
            } else {
                hint.setting(key)
            };
            hint.text(", together with all other markers")
        }
    })
}
