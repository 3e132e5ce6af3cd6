//! Columns of decided kinds: what the texts of a frame mean, decided by all texts of a column together.
//!
//! The rules are those of [`crate::spelling`]; here they are applied to the columns of a frame.
//!
//! - A column is numeric if its cells are numbers written in one way; a few odd cells count as missing, with a warning.
//! - Texts that are spellings of one category are one, with a warning.
//! - Dates are texts; where one text keeps a column from being one of dates, there is a warning.
//! - New data is read as the training data was: see [`Trained`].

mod arrays;
mod categories;
mod distinct;
mod keys;
mod nearly_dates;
mod numbers;
mod scan;

use std::collections::BTreeMap;

use arrow_array::ArrayRef;
use rosenblatt_tensor::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::frame::Places;
use crate::places::short;
use crate::read::{self, ReadInfo, ReadOptions};
use crate::spelling::{MissingMarkers, NumberFormat};
use crate::store::Store;
use crate::{Column, ColumnData, ColumnKind, Frame, Input, Table, Warning};

/// What training knows of a column, to read new data in the same way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trained {
    /// Its categories.
    pub(crate) levels: Vec<String>,
    /// How its numbers are written.
    pub(crate) written: Written,
}

/// How the numbers of a column are written; part of the model file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Written {
    /// Their marks and unit.
    pub format: NumberFormat,
    /// Whether there are cells that are no numbers, and count as missing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub odd: bool,
}

impl Written {
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How to read a table and what its columns are; the default finds out by itself.
#[derive(Clone, Debug, Default)]
pub struct TableOptions {
    /// How its files are read.
    pub read: ReadOptions,
    /// Extra markers of missing values, besides the empty cell, `NA`, `NaN`, `null` and `?`.
    pub missing: Vec<String>,
    /// Usual markers of missing values that are values.
    pub not_missing: Vec<String>,
    /// Columns whose texts are all different categories, however they are spelled.
    pub exact: Vec<String>,
    /// What training knows of columns.
    pub trained: BTreeMap<String, Trained>,
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
    /// assert!(matches!(&info.warnings[0], Warning::ReadAsText { line: Some(3), text, .. } if text == "old"));
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
        let (read, store) = (frame.store().clone(), frame.store().next()?);
        let mut kept = Kept::new(&store);
        let (name, columns, places) = frame.into_parts();
        let mut warnings = Vec::new();
        let mut notes = Notes::default();
        for (index, column) in columns.into_iter().enumerate() {
            let given = options.kinds.get(&column.name).copied().or(options.others);
            let reading = Reading {
                table: &name,
                column: &column.name,
                index,
                places: &places,
                commas: &commas,
                given,
                trained: options.trained.get(&column.name),
                options,
            };
            read.touch(|| column.bytes());
            let (data, of_column) = reading.column(column.chunks, &mut notes)?;
            warnings.extend(of_column);
            kept.push(Column {
                name: column.name,
                data,
            })?;
        }
        let columns = kept.finish()?;
        Ok((
            Self::new(name, columns)?.kept_in(store).read_from(places, notes),
            warnings,
        ))
    }
}

/// Columns that are handed to a store, several at once.
struct Kept<'s> {
    store: &'s Store,
    columns: Vec<Column>,
    /// How many of them are in the store, and the bytes of the others.
    done: usize,
    waiting: usize,
}

impl<'s> Kept<'s> {
    fn new(store: &'s Store) -> Self {
        Self {
            store,
            columns: Vec::new(),
            done: 0,
            waiting: 0,
        }
    }

    fn push(&mut self, column: Column) -> Result<()> {
        if self.store.is_on_disk() {
            self.waiting += column.data.bytes();
        }
        self.columns.push(column);
        match self.store.is_block(self.waiting) {
            true => self.keep(),
            false => Ok(()),
        }
    }

    fn keep(&mut self) -> Result<()> {
        let waiting = &mut self.columns[self.done..];
        let arrays = waiting.iter().flat_map(|column| column.data.arrays()).collect();
        let mut arrays = self.store.keep(arrays)?.into_iter();
        for column in waiting {
            column.data.move_to(&mut arrays);
        }
        (self.done, self.waiting) = (self.columns.len(), 0);
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Column>> {
        if self.store.is_on_disk() {
            self.keep()?;
        }
        Ok(self.columns)
    }
}

/// Whether a text usually says that nothing is known.
pub(crate) fn is_missing(text: &str) -> bool {
    MissingMarkers::default().find(text).is_some()
}

/// What it takes to read the cells of a column.
struct Reading<'a> {
    /// The name of the table.
    table: &'a str,
    column: &'a str,
    /// Its place among the columns.
    index: usize,
    places: &'a Places,
    /// For each file how many arrays it has, and whether `1,5` is one and a half.
    commas: &'a [(usize, bool)],
    given: Option<ColumnKind>,
    trained: Option<&'a Trained>,
    options: &'a TableOptions,
}

/// A cell that decides what its column is.
#[derive(Clone, Debug)]
pub(crate) struct Odd {
    pub row: u64,
    pub text: String,
    pub reason: String,
}

/// What is known of the columns of a table besides their cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    /// How numbers are written, where they are not written as usual.
    pub written: BTreeMap<String, Written>,
    /// Columns of texts that are mostly different numbers, and the first cell that is none.
    pub nearly_numeric: BTreeMap<String, Odd>,
}

impl Reading<'_> {
    /// The cells, and what is unusual about them.
    fn column(&self, chunks: Vec<ArrayRef>, notes: &mut Notes) -> Result<(ColumnData, Vec<Warning>)> {
        let unreadable = |kind: String| {
            let message = format!(
                "column `{}` holds {kind}, expected numbers, texts or dates",
                short(self.column)
            );
            Error::data(message).within(self.table).hint("leave it out")
        };
        let mut chunks = arrays::simplified(chunks).map_err(unreadable)?;
        let is_text = matches!(self.given, Some(ColumnKind::Categorical | ColumnKind::Date));
        let mut found = None;
        if !is_text {
            if let Some(keys) = self.keys(&chunks) {
                return Ok((ColumnData::Categorical(keys), Vec::new()));
            }
            if let Some(texts) = self.likely_texts(&chunks) {
                return self.of_texts(texts, None);
            }
            let quickly = self.in_one_piece(&mut chunks).or_else(|| self.digits(&mut chunks));
            if let Some(numbers) = quickly {
                return Ok((ColumnData::Numeric(numbers), Vec::new()));
            }
            match self.numbers(&chunks)? {
                numbers::Found::Numbers(values, warning, written) => {
                    if !written.is_default() {
                        notes.written.insert(self.column.to_owned(), written);
                    }
                    return Ok((ColumnData::Numeric(values), warning.into_iter().collect()));
                }
                numbers::Found::Texts(why, nearly) => {
                    found = why;
                    let nearly = nearly.map(|odd| (self.column.to_owned(), odd));
                    notes.nearly_numeric.extend(nearly);
                }
            }
        }
        let chunks = categories::without_numbers(chunks);
        self.of_texts(self.texts(&chunks, &self.markers()), found)
    }

    /// The column that texts are, and what is unusual about it: `found`, if they are no dates.
    fn of_texts(
        &self,
        texts: categories::Texts<'_>,
        found: Option<numbers::Why>,
    ) -> Result<(ColumnData, Vec<Warning>)> {
        let why = match texts.nearly_dates.are_dates() {
            true => None,
            false => found.or_else(|| texts.nearly_dates.found().map(numbers::Why::Cell)),
        };
        let (data, mut warnings) = self.categories(texts)?;
        warnings.extend(why.map(|why| self.read_as_text(why)));
        Ok((data, warnings))
    }

    /// The warning about a column that looks like numbers or dates, and is text.
    fn read_as_text(&self, why: numbers::Why) -> Warning {
        match why {
            numbers::Why::All(reason) => Warning::MixedNumbers {
                column: self.column.to_owned(),
                reason,
            },
            numbers::Why::Cell(odd) => Warning::ReadAsText {
                column: self.column.to_owned(),
                file: self.places.file_of_several(odd.row).map(str::to_owned),
                line: self.line(odd.row),
                row: self.row_without_line(odd.row),
                cell: self.places.cell_near(odd.row, self.column, self.index).unwrap_or(1),
                text: short(&odd.text),
                reason: odd.reason,
            },
        }
    }

    /// The line of a row, where rows have lines.
    fn line(&self, row: u64) -> Option<u64> {
        self.places.line(row).map(|(_, line)| line)
    }

    /// The number of a row in its file, counted from 1, where rows have no lines.
    fn row_without_line(&self, row: u64) -> Option<u64> {
        self.line(row).is_none().then(|| self.places.row_in_file(row))
    }

    fn at(&self, row: u64, error: Error) -> Error {
        self.places.at_cell(self.table, (row, self.column), error)
    }

    /// Which texts are missing values.
    fn markers(&self) -> MissingMarkers {
        MissingMarkers {
            missing: self.options.missing.clone(),
            present: self.options.not_missing.clone(),
        }
    }

    /// Whether each text is a category of its own.
    fn is_exact(&self) -> bool {
        // Columns that nobody asked for may hold anything.
        let is_unused = self.options.others.is_some() && !self.options.kinds.contains_key(self.column);
        is_unused || self.options.exact.iter().any(|name| name == self.column)
    }
}

#[cfg(test)]
impl<'a> Reading<'a> {
    /// Of a column of which nothing is known.
    fn of_any(places: &'a Places, options: &'a TableOptions) -> Self {
        Self {
            table: "t",
            column: "c",
            index: 0,
            places,
            commas: &[(usize::MAX, false)],
            given: None,
            trained: None,
            options,
        }
    }
}
