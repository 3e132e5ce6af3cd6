//! Columns of decided kinds: what the texts of a frame mean, decided by all texts of a column together.
//!
//! A column is numeric if all its present cells are numbers. What decided otherwise is a warning: [`Warning::ReadAsText`].
//!
//! - Digits that would lose something as numbers are texts: `007`, and whole numbers of more digits than f64 keeps.
//! - Between semicolons `1,5` is one and a half. A column has points before decimals, or commas, never both in one file.
//! - `-`, `.` and `None` are missing among numbers, and texts among texts.
//! - Dates are texts; where one text keeps a column from being one of dates, there is a warning.

mod arrays;
mod categories;
mod nearly_dates;
mod numbers;
mod texts;

use std::collections::BTreeMap;

use arrow_array::ArrayRef;
use rosenblatt_tensor::{Error, Result};

use crate::frame::Places;
use crate::places::short;
use crate::read::{self, ReadInfo, ReadOptions};
use crate::{Column, ColumnData, ColumnKind, Frame, Input, Table, Warning};

/// How to read a table and what its columns are; the default finds out by itself.
#[derive(Clone, Debug, Default)]
pub struct TableOptions {
    /// How its files are read.
    pub read: ReadOptions,
    /// Extra markers of missing values, besides the empty cell, `NA`, `NaN`, `null` and `?`.
    pub missing: Vec<String>,
    /// Whether only an empty cell is missing: texts such as `NA` are kept as they are.
    pub literal: bool,
    /// Columns whose kind is known.
    pub kinds: BTreeMap<String, ColumnKind>,
    /// The kind of all columns not named there, if their cells shall not decide.
    pub others: Option<ColumnKind>,
}

impl Table {
    /// Reads a table, and says how it was read.
    ///
    /// # Errors
    /// As [`read::read`] and [`Table::of`].
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::{Input, Table, TableOptions, Warning};
    /// let input = Input::memory("pets.csv", *b"age;kind\n3;cat\nold;dog\n");
    /// let (table, info) = Table::read(&input, &TableOptions::default())?;
    /// assert_eq!((table.len(), info.dialect.delimiter), (2, b';'));
    /// assert!(matches!(&info.warnings[0], Warning::ReadAsText { line: 3, text, .. } if text == "old"));
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn read(input: &Input, options: &TableOptions) -> Result<(Self, ReadInfo)> {
        let (frame, mut info) = read::read(input, &options.read)?;
        let (table, warnings) = Self::of(frame, options)?;
        info.warnings.extend(warnings);
        Ok((table, info))
    }

    /// Decides what each column of a frame is.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`], with the place of the cell, for a cell that is not of the kind given for its
    /// column, a number beyond f64, and a column whose cells are neither numbers nor texts nor dates.
    pub fn of(frame: Frame, options: &TableOptions) -> Result<(Self, Vec<Warning>)> {
        let commas = frame.decimal_commas().to_vec();
        let (name, columns, places) = frame.into_parts();
        let mut warnings = Vec::new();
        let mut typed = Vec::with_capacity(columns.len());
        for column in columns {
            let given = options.kinds.get(&column.name).copied().or(options.others);
            let reading = Reading {
                table: &name,
                column: &column.name,
                places: &places,
                commas: &commas,
                given,
                options,
            };
            let (data, warning) = reading.column(&column.chunks)?;
            warnings.extend(warning);
            typed.push(Column {
                name: column.name,
                data,
            });
        }
        Ok((Self::new(name, typed)?.with_places(places), warnings))
    }
}

/// Whether a text usually says that nothing is known.
pub(crate) fn is_missing(text: &str) -> bool {
    texts::is_missing(text, &[]) || texts::is_missing_number(text)
}

/// What it takes to read the cells of a column.
struct Reading<'a> {
    /// The name of the table.
    table: &'a str,
    column: &'a str,
    places: &'a Places,
    /// For each file how many arrays it has, and whether `1,5` is one and a half.
    commas: &'a [(usize, bool)],
    given: Option<ColumnKind>,
    options: &'a TableOptions,
}

/// A cell that decides what its column is.
struct Odd {
    row: u64,
    text: String,
    reason: String,
}

impl Reading<'_> {
    /// The cells, and a warning about the one that decided.
    fn column(&self, chunks: &[ArrayRef]) -> Result<(ColumnData, Option<Warning>)> {
        let unreadable = |kind: String| {
            let error = Error::data(format!(
                "column `{}` holds {kind}, expected numbers, texts or dates",
                short(self.column)
            ));
            error.within(self.table).hint("leave it out")
        };
        let chunks = arrays::simplified(chunks).map_err(unreadable)?;
        let is_text = matches!(self.given, Some(ColumnKind::Categorical | ColumnKind::Date));
        let mut odd = None;
        if !is_text {
            match self.numbers(&chunks)? {
                numbers::Found::Numbers(values) => return Ok((ColumnData::Numeric(values), None)),
                numbers::Found::Texts(found) => odd = found,
            }
        }
        let (data, nearly_dates) = self.categories(&chunks)?;
        if nearly_dates.are_dates() {
            return Ok((data, None));
        }
        let odd = odd.or_else(|| nearly_dates.found());
        Ok((data, odd.map(|odd| self.warning(odd))))
    }

    /// The warning about a column that is text because of a cell.
    fn warning(&self, odd: Odd) -> Warning {
        let line = self.places.line(odd.row).map_or(odd.row + 1, |(_, line)| line);
        Warning::ReadAsText {
            column: self.column.to_owned(),
            file: self.places.file_of_several(odd.row).map(str::to_owned),
            line,
            cell: self.places.cell(odd.row, self.column).unwrap_or(1),
            text: short(&odd.text),
            reason: odd.reason,
        }
    }

    fn at(&self, row: u64, error: Error) -> Error {
        self.places.at_cell(self.table, (row, self.column), error)
    }

    /// Whether a text says that nothing is known.
    fn is_missing(&self, text: &str) -> bool {
        match self.options.literal {
            true => text.is_empty(),
            false => texts::is_missing(text, &self.options.missing),
        }
    }
}
