//! Columns in memory, of decided kinds.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::frame::Places;
use crate::store::{self, Store};
use crate::typed::{Notes, Odd, Written};
use crate::{CellError, Dictionary, Numbers, places};

/// The code of a missing cell in a categorical column.
pub const MISSING: u32 = u32::MAX;

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Numbers.
    Numeric,
    /// Names of categories.
    Categorical,
    /// Days, with or without a time: kept as texts, and taken apart into numbers for a network.
    Date,
}

/// The cells of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnData {
    /// One number a row; NaN where missing, never infinite.
    Numeric(Numbers),
    /// One text a row, of a few distinct ones.
    Categorical(Dictionary),
}

/// A named column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// As in the header, without white space at the ends.
    pub name: String,
    /// The cells.
    pub data: ColumnData,
}

/// Columns of equal length.
#[derive(Clone, Debug)]
pub struct Table {
    name: String,
    columns: Vec<Column>,
    /// The place of each column by its name.
    by_name: HashMap<String, usize>,
    rows: usize,
    places: Arc<Places>,
    notes: Notes,
    /// Where the cells are.
    store: Store,
}

impl ColumnData {
    /// Number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Numeric(values) => values.len(),
            Self::Categorical(texts) => texts.len(),
        }
    }

    /// Whether there are no cells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the cells are.
    #[must_use]
    pub fn kind(&self) -> ColumnKind {
        match self {
            Self::Numeric(_) => ColumnKind::Numeric,
            Self::Categorical(_) => ColumnKind::Categorical,
        }
    }

    /// Whether the cell of a row is missing.
    #[must_use]
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Numeric(values) => values.get(row).is_nan(),
            Self::Categorical(texts) => texts.codes()[row] == MISSING,
        }
    }

    /// About how much memory the cells take.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Numeric(numbers) => store::bytes(numbers.array()),
            Self::Categorical(texts) => {
                let (codes, levels) = texts.arrays();
                store::bytes(codes) + store::bytes(levels)
            }
        }
    }

    /// The arrays of Arrow that hold the cells.
    pub(crate) fn arrays(&self) -> Vec<ArrayRef> {
        match self {
            Self::Numeric(numbers) => vec![Arc::new(numbers.array().clone())],
            Self::Categorical(texts) => {
                let (codes, levels) = texts.arrays();
                vec![Arc::new(codes.clone()), Arc::new(levels.clone())]
            }
        }
    }

    /// Takes the arrays of [`ColumnData::arrays`] from where they were moved.
    pub(crate) fn move_to(&mut self, arrays: &mut impl Iterator<Item = ArrayRef>) {
        match self {
            Self::Numeric(numbers) => {
                if let Some(array) = arrays.next() {
                    *numbers = numbers.moved(array.as_primitive().clone());
                }
            }
            Self::Categorical(texts) => {
                if let (Some(codes), Some(levels)) = (arrays.next(), arrays.next()) {
                    *texts = texts.moved(codes.as_primitive().clone(), levels.as_string().clone());
                }
            }
        }
    }

    /// The cells of the given rows, in their order; levels stay.
    #[must_use]
    pub fn select(&self, rows: &[u64]) -> Self {
        match self {
            Self::Numeric(values) => Self::Numeric(values.select(rows)),
            Self::Categorical(texts) => Self::Categorical(texts.select(rows)),
        }
    }
}

impl Column {
    /// A column of numbers; NaN is missing.
    #[must_use]
    pub fn numeric(name: impl Into<String>, values: Vec<f64>) -> Self {
        Self {
            name: name.into(),
            data: ColumnData::Numeric(values.into()),
        }
    }

    /// A column of texts; `None` is missing.
    ///
    /// # Panics
    /// If there are more than 2 GiB of distinct texts.
    #[must_use]
    pub fn categorical<'a>(name: impl Into<String>, cells: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        Self {
            name: name.into(),
            data: ColumnData::Categorical(cells.into_iter().collect()),
        }
    }

    /// The rows whose cell is not missing, ascending.
    #[must_use]
    pub fn present_rows(&self) -> Vec<u64> {
        (0..self.data.len())
            .filter(|&row| !self.data.is_missing(row))
            .map(|row| row as u64)
            .collect()
    }

    /// The same column with the given rows only, and of levels those they have, where that is less work for a transform.
    pub(crate) fn select_used(&self, rows: &[u64]) -> Self {
        match &self.data {
            ColumnData::Categorical(texts) if rows.len() < texts.levels().len() => Self {
                name: self.name.clone(),
                data: ColumnData::Categorical(texts.select_used(rows)),
            },
            _ => self.select(rows),
        }
    }

    /// The same column with the given rows only.
    #[must_use]
    pub fn select(&self, rows: &[u64]) -> Self {
        Self {
            name: self.name.clone(),
            data: self.data.select(rows),
        }
    }
}

impl Table {
    /// A table; errors call it `name`.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if the columns differ in length, or two have one name.
    pub fn new(name: impl Into<String>, columns: Vec<Column>) -> Result<Self> {
        let rows = columns.first().map_or(0, |column| column.data.len());
        let by_name = columns.iter().map(|column| column.name.clone()).zip(0..).collect();
        let table = Self {
            by_name,
            name: name.into(),
            columns,
            rows,
            places: Arc::default(),
            notes: Notes::default(),
            store: Store::default(),
        };
        table.check().map_err(|e| e.within(&table.name))?;
        Ok(table)
    }

    /// The same with where its rows stand in files, and how the numbers of its columns are written.
    pub(crate) fn read_from(mut self, places: Arc<Places>, notes: Notes) -> Self {
        (self.places, self.notes) = (places, notes);
        self
    }

    /// The same, whose cells are in a store.
    pub(crate) fn kept_in(mut self, store: Store) -> Self {
        self.store = store;
        self
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// The first cell that is not a number of a column of texts that are mostly different numbers.
    pub(crate) fn nearly_numeric(&self, column: &str) -> Option<&Odd> {
        self.notes.nearly_numeric.get(column)
    }

    /// How the numbers of a column are written.
    pub(crate) fn written(&self, column: &str) -> Written {
        self.notes.written.get(column).cloned().unwrap_or_default()
    }

    /// Where its rows stand in files.
    pub(crate) fn places(&self) -> &Arc<Places> {
        &self.places
    }

    /// The error with `file:line:cell` before it, if it is about a cell.
    pub(crate) fn place(&self, error: CellError) -> Error {
        error.placed(|cell, error| self.places.at_cell(&self.name, (cell.row, &cell.column), error))
    }

    fn check(&self) -> Result<()> {
        let mut names: Vec<_> = self.names().collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::data(format!(
                "two columns are called `{}`",
                places::short(pair[0])
            )));
        }
        for Column { name, data } in &self.columns {
            if data.len() != self.rows {
                return Err(Error::data(format!(
                    "column `{name}` has {} rows, expected {}",
                    data.len(),
                    self.rows
                )));
            }
        }
        Ok(())
    }

    /// What errors call it: the file, or the data set.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The columns, in the order of the file.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The columns one after the other; memory that a store took for those before may be given back.
    pub(crate) fn each_column(&self) -> impl Iterator<Item = &Column> {
        self.columns
            .iter()
            .inspect(|column| self.store.touch(|| column.data.bytes()))
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// Whether there is a column of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The column of a name.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] with the nearest name as a hint if there is none.
    pub fn column(&self, name: &str) -> Result<&Column> {
        let column = self.by_name.get(name).map(|&at| &self.columns[at]);
        if let Some(column) = column {
            self.store.touch(|| column.data.bytes());
        }
        column.ok_or_else(|| {
            Error::data(format!("there is no column `{}`", places::short(name)))
                .within(&self.name)
                .hint(places::meant(name, self.names()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unequal_columns_and_twins_are_refused() {
        let x = || Column::numeric("x", vec![1.0, 2.0]);
        assert!(Table::new("t", vec![x(), Column::numeric("y", vec![1.0])]).is_err());
        assert!(Table::new("t", vec![x(), x()]).is_err());
        assert_eq!(Table::new("t", vec![]).unwrap().len(), 0);
    }

    #[test]
    fn an_unknown_column_names_its_neighbour() {
        let table = Table::new("t.csv", vec![Column::numeric("width", vec![])]).unwrap();
        let error = table.column("widht").unwrap_err();
        assert_eq!(error.to_string(), "t.csv: there is no column `widht`");
        assert_eq!(error.hint_text(), Some("did you mean `width`?"));
    }

    #[test]
    fn levels_are_sorted_and_missing_cells_stay_missing() {
        let column = Column::categorical("c", [Some("b"), None, Some("a"), Some("b")]);
        let expected = Dictionary::new(vec![1, MISSING, 0, 1], &["a", "b"]).unwrap();
        assert_eq!(column.data, ColumnData::Categorical(expected));
        assert_eq!(column.select(&[2, 1]).data.len(), 2);
        assert!(column.select(&[2, 1]).data.is_missing(1));
    }
}
