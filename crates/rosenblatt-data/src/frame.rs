//! A table as it was read: columns of Arrow arrays, and where each row stands in its file.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use rosenblatt_tensor::{Error, Result};

use crate::places::{meant, short};
use crate::store::{self, Store};

/// A table as it was read, before anything is decided about its columns.
///
/// Formats that say what a cell is (Parquet, Arrow, spreadsheets) give arrays of numbers, dates and texts; formats of text
/// give arrays of texts, and what a text means is decided by all of its column.
///
/// # Example
/// ```
/// use rosenblatt_data::Frame;
/// let frame = Frame::from_columns("pets", [("age", vec![3.0, f64::NAN].into()), ("kind", vec!["cat", "dog"].into())])?;
/// assert_eq!((frame.len(), frame.names().collect::<Vec<_>>()), (2, vec!["age", "kind"]));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Frame {
    name: String,
    columns: Vec<Column>,
    rows: usize,
    places: Arc<Places>,
    /// For each file how many arrays its columns have, and whether `1,5` is one and a half there.
    commas: Vec<(usize, bool)>,
    /// Where the arrays are.
    store: Store,
}

/// A column as it was read.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub name: String,
    /// One after the other; of one type within a file.
    pub chunks: Vec<ArrayRef>,
}

/// Cells of a column that is made in memory.
#[derive(Clone, Debug)]
pub struct Cells(ArrayRef);

impl From<Vec<f64>> for Cells {
    /// NaN is a missing cell.
    fn from(values: Vec<f64>) -> Self {
        let cell = |x: f64| (!x.is_nan()).then_some(x);
        Self(Arc::new(Float64Array::from_iter(values.into_iter().map(cell))))
    }
}

impl From<Vec<&str>> for Cells {
    fn from(texts: Vec<&str>) -> Self {
        Self(Arc::new(StringArray::from(texts)))
    }
}

impl From<Vec<String>> for Cells {
    fn from(texts: Vec<String>) -> Self {
        Self(Arc::new(StringArray::from(texts)))
    }
}

impl From<Vec<Option<String>>> for Cells {
    fn from(texts: Vec<Option<String>>) -> Self {
        Self(Arc::new(StringArray::from(texts)))
    }
}

impl From<ArrayRef> for Cells {
    fn from(array: ArrayRef) -> Self {
        Self(array)
    }
}

impl Frame {
    /// A frame of columns in memory; errors call it `name`.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if the columns differ in length, or two have one name.
    pub fn from_columns<'n>(
        name: impl Into<String>,
        columns: impl IntoIterator<Item = (&'n str, Cells)>,
    ) -> Result<Self> {
        let column = |(name, cells): (&str, Cells)| Column {
            name: name.to_owned(),
            chunks: vec![cells.0],
        };
        Self::new(
            name.into(),
            columns.into_iter().map(column).collect(),
            Places::default(),
        )
    }

    /// A frame of Arrow's record batches, which have the same columns.
    ///
    /// # Errors
    /// As [`Frame::from_columns`]; also if the batches have different columns.
    pub fn from_batches(name: impl Into<String>, batches: &[RecordBatch]) -> Result<Self> {
        let name = name.into();
        let Some(first) = batches.first() else {
            return Self::new(name, Vec::new(), Places::default());
        };
        let schema = first.schema();
        if batches.iter().any(|batch| batch.schema().fields() != schema.fields()) {
            return Err(Error::data("record batches with different columns").within(name));
        }
        let column = |(i, field): (usize, &Arc<arrow_schema::Field>)| Column {
            name: field.name().clone(),
            chunks: batches.iter().map(|batch| Arc::clone(batch.column(i))).collect(),
        };
        let columns = schema.fields().iter().enumerate().map(column).collect();
        Self::new(name, columns, Places::default())
    }

    /// A frame whose rows have places.
    pub(crate) fn new(name: String, columns: Vec<Column>, places: Places) -> Result<Self> {
        let rows = columns.first().map_or(0, Column::len);
        let mut known = HashMap::new();
        for (i, column) in columns.iter().enumerate() {
            if known.insert(column.name.as_str(), i).is_some() {
                return Err(Error::data(format!("two columns are called `{}`", short(&column.name))).within(name));
            }
            if column.len() != rows {
                let message = format!(
                    "column `{}` has {} rows, expected {rows}",
                    short(&column.name),
                    column.len()
                );
                return Err(Error::data(message).within(name));
            }
        }
        Ok(Self {
            name,
            columns,
            rows,
            commas: vec![(usize::MAX, false)],
            places: Arc::new(places),
            store: Store::default(),
        })
    }

    /// The same with how many arrays the columns have for each file, and whether `1,5` is one and a half there.
    pub(crate) fn with_decimal_commas(mut self, commas: Vec<(usize, bool)>) -> Self {
        self.commas = commas;
        self
    }

    /// The same, whose arrays are in a store.
    pub(crate) fn kept_in(mut self, store: Store) -> Self {
        self.store = store;
        self
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn decimal_commas(&self) -> &[(usize, bool)] {
        &self.commas
    }

    /// What errors call it: the file, or the data set.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
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

    /// The names of the columns, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The arrays of a column, one after the other.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] with the nearest name as a hint if there is none.
    pub fn arrays(&self, name: &str) -> Result<&[ArrayRef]> {
        let column = self.columns.iter().find(|column| column.name == name);
        column.map(|column| &column.chunks[..]).ok_or_else(|| {
            Error::data(format!("there is no column `{}`", short(name)))
                .within(&self.name)
                .hint(meant(name, self.names()))
        })
    }

    /// The cells of a column as texts without white space at their ends; empty where missing.
    ///
    /// # Errors
    /// As [`Frame::arrays`]; [`rosenblatt_tensor::ErrorKind::Data`] if the cells have no texts.
    pub fn texts(&self, name: &str) -> Result<Vec<String>> {
        let mut texts = Vec::with_capacity(self.rows);
        self.for_each_text(name, &mut |text| texts.push(text.to_owned()))?;
        Ok(texts)
    }

    /// As [`Frame::texts`], one after the other.
    ///
    /// # Errors
    /// As [`Frame::texts`].
    pub fn for_each_text(&self, name: &str, see: &mut dyn FnMut(&str)) -> Result<()> {
        for array in self.arrays(name)? {
            let array = cast(array, &DataType::Utf8).map_err(|_| {
                let message = format!("column `{}` holds {}, expected texts", short(name), array.data_type());
                Error::data(message).within(&self.name)
            })?;
            let cells = array.as_string::<i32>().iter();
            cells.for_each(|cell| see(cell.unwrap_or_default().trim_ascii()));
        }
        Ok(())
    }

    pub(crate) fn into_parts(self) -> (String, Vec<Column>, Arc<Places>) {
        (self.name, self.columns, self.places)
    }
}

impl Column {
    pub fn len(&self) -> usize {
        self.chunks.iter().map(Array::len).sum()
    }

    /// About how much memory its cells take.
    pub fn bytes(&self) -> usize {
        self.chunks.iter().map(|array| store::bytes(array)).sum()
    }
}

/// Where the rows of a table stand in its files.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Places {
    /// In the order of the rows.
    files: Vec<FilePlaces>,
}

/// Where the rows of one file are.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FilePlaces {
    pub file: String,
    pub rows: u64,
    /// Rows, counted from 0 in this file, that are not on the line after the row before, and their lines; empty where rows
    /// have no lines.
    pub jumps: Vec<(u64, u64)>,
    /// Names of the columns in the order of this file.
    pub names: Arc<[String]>,
}

impl FilePlaces {
    /// Notes the line of the next row.
    pub fn push(&mut self, line: u64) {
        if self.line(self.rows) != Some(line) {
            self.jumps.push((self.rows, line));
        }
        self.rows += 1;
    }

    /// The line of a row.
    fn line(&self, row: u64) -> Option<u64> {
        let after = self.jumps.partition_point(|&(first, _)| first <= row);
        let (first, line) = self.jumps[..after].last()?;
        Some(line + row - first)
    }
}

impl Places {
    /// Adds the rows of a further file.
    pub fn add(&mut self, file: FilePlaces) {
        self.files.push(file);
    }

    /// The file and the line of a row, where it has one.
    pub fn line(&self, row: u64) -> Option<(&str, u64)> {
        let (file, row) = self.find(row)?;
        Some((&file.file, file.line(row)?))
    }

    /// The name of the file of a row, if there are several.
    pub fn file_of_several(&self, row: u64) -> Option<&str> {
        let (file, _) = self.find(row).filter(|_| self.files.len() > 1)?;
        Some(&file.file)
    }

    /// The number of a row in its file, counted from 1.
    pub fn row_in_file(&self, row: u64) -> u64 {
        self.find(row).map_or(row, |(_, row)| row) + 1
    }

    /// The number of a column in the file of a row, counted from 1.
    pub fn cell(&self, row: u64, column: &str) -> Option<usize> {
        self.cell_near(row, column, 0)
    }

    /// As [`Places::cell`]; without a search if the column is the one of this index there, as it is in the first file.
    pub fn cell_near(&self, row: u64, column: &str, index: usize) -> Option<usize> {
        let (file, _) = self.find(row)?;
        if file.names.get(index).is_some_and(|name| name == column) {
            return Some(index + 1);
        }
        file.names.iter().position(|name| name == column).map(|at| at + 1)
    }

    /// The error with `file:line:cell` before it, or the number of the row where there are no lines.
    pub fn at_cell(&self, table: &str, (row, column): (u64, &str), error: Error) -> Error {
        match (self.line(row), self.cell(row, column)) {
            (Some((file, line)), Some(cell)) => error.within(format!("{file}:{line}:{cell}")),
            _ => self.at_row(table, row, error),
        }
    }

    /// The error with `file:line` before it; see [`Places::at_cell`].
    pub fn at_row(&self, table: &str, row: u64, error: Error) -> Error {
        error.within(match (self.line(row), self.find(row)) {
            (Some((file, line)), _) => format!("{file}:{line}"),
            (None, Some((file, row))) => format!("{}: row {}", file.file, row + 1),
            (None, None) => format!("{table}: row {}", row + 1),
        })
    }

    /// The file of a row, and the number of the row there.
    fn find(&self, mut row: u64) -> Option<(&FilePlaces, u64)> {
        for file in &self.files {
            if row < file.rows {
                return Some((file, row));
            }
            row -= file.rows;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unequal_columns_and_twins_are_refused() {
        let x = || ("x", Cells::from(vec![1.0, 2.0]));
        assert!(Frame::from_columns("t", [x(), ("y", vec![1.0].into())]).is_err());
        assert!(Frame::from_columns("t", [x(), x()]).is_err());
        assert_eq!(Frame::from_columns("t", []).unwrap().len(), 0);
    }

    #[test]
    fn rows_know_their_file_line_and_cell() {
        let mut places = Places::default();
        for (file, names, lines) in [("a.csv", ["x", "y"], [2, 3, 6]), ("b.csv", ["y", "x"], [3, 4, 5])] {
            let mut rows = FilePlaces {
                file: file.into(),
                names: names.map(String::from).into(),
                ..FilePlaces::default()
            };
            lines.into_iter().for_each(|line| rows.push(line));
            places.add(rows);
        }
        let at = |row| places.at_cell("t", (row, "x"), Error::data("odd")).to_string();
        assert_eq!(
            [at(1), at(2), at(4)],
            ["a.csv:3:1: odd", "a.csv:6:1: odd", "b.csv:4:2: odd"]
        );
        assert_eq!(at(6), "t: row 7: odd");
        assert_eq!(places.at_row("t", 5, Error::data("odd")).to_string(), "b.csv:5: odd");
        assert_eq!(places.files[0].jumps.len(), 2, "only jumps are kept");
    }
}
