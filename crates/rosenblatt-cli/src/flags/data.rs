//! Which columns, which rows.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::ValueHint;
use rosenblatt_data::{ColumnKind, DataOptions, Schema, csv_options};
use rosenblatt_tensor::{Error, Result};

use super::{source, values};

/// What is read.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct SourceFlags {
    /// A CSV file, a folder of CSV files or IDX images, `-` for standard input, or the name of a data set (see `rosenblatt datasets`).
    #[arg(value_name = "DATA", required_unless_present = "config", value_hint = ValueHint::AnyPath)]
    data: Option<OsString>,
    /// Further CSV files with rows of the same table.
    #[arg(value_name = "MORE")]
    more: Vec<PathBuf>,
}

impl SourceFlags {
    /// Puts what is given in place of what the options say.
    ///
    /// # Errors
    /// A name is no Unicode.
    pub(crate) fn over(&self, options: &mut DataOptions) -> Result<()> {
        if let Some(data) = &self.data {
            options.source = source(data)?;
            self.more.iter().try_for_each(|file| writable("MORE", file))?;
            options.more.clone_from(&self.more);
        }
        Ok(())
    }

    /// Keys of the run file with the arguments that gave them.
    pub(crate) fn given(&self) -> Option<(String, &'static str)> {
        (!self.more.is_empty()).then(|| ("data.more".to_owned(), "MORE"))
    }
}

/// Flags that become the `[data]` part of a run file.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct DataFlags {
    /// The column to predict; a named data set knows its own.
    #[arg(long, value_name = "COLUMN")]
    target: Option<String>,
    /// Columns to leave out.
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',')]
    drop: Vec<String>,
    /// A column with the weight of each row: it counts so much, and nothing is predicted from it.
    #[arg(long, value_name = "COLUMN")]
    sample_weight: Option<String>,
    #[command(flatten)]
    reading: ReadingFlags,
    /// A file with validation rows: they choose when to stop.
    #[arg(long, value_name = "FILE", conflicts_with = "valid_fraction")]
    valid: Option<PathBuf>,
    /// Share of the training rows to validate on.
    #[arg(long, value_name = "0..1", value_parser = values::share)]
    valid_fraction: Option<f64>,
    /// A file with test rows: they choose nothing.
    #[arg(long, value_name = "FILE", conflicts_with = "test_fraction")]
    test: Option<PathBuf>,
    /// Share of all rows to test on; a named data set has its own test rows.
    #[arg(long, value_name = "0..1", value_parser = values::share)]
    test_fraction: Option<f64>,
}

/// Flags that say how cells are read.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ReadingFlags {
    /// Columns whose numbers are names of categories; for the target: classes.
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',')]
    categorical: Vec<String>,
    #[command(flatten)]
    cells: CellFlags,
}

/// Flags that say what stands between cells, and what in a cell that is missing.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct CellFlags {
    /// A text for a missing cell, beside the empty one, NA, NaN, null and ?.
    #[arg(long, value_name = "TEXT")]
    na: Vec<String>,
    /// The character between cells, or `tab` [default: found in the header].
    #[arg(long, value_name = "CHARACTER", value_parser = values::delimiter)]
    delimiter: Option<char>,
}

impl CellFlags {
    /// Puts what is given in place of what was there.
    fn over(&self, missing: &mut Vec<String>, delimiter: &mut Option<char>) {
        if !self.na.is_empty() {
            missing.clone_from(&self.na);
        }
        *delimiter = self.delimiter.or(*delimiter);
    }

    /// The first that is given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let all = [("--na", !self.na.is_empty()), ("--delimiter", self.delimiter.is_some())];
        all.into_iter().find(|(_, given)| *given).map(|(flag, _)| flag)
    }

    /// The schema of a model, for data that is written as these flags say.
    ///
    /// # Errors
    /// What was given cannot be a delimiter.
    pub(crate) fn reading(&self, schema: &Schema) -> Result<Schema> {
        let mut options = DataOptions::default();
        self.over(&mut options.missing, &mut options.delimiter);
        csv_options(&options).map_err(by_flag)?;
        let mut schema = schema.clone();
        self.over(&mut schema.missing, &mut schema.delimiter);
        Ok(schema)
    }
}

impl ReadingFlags {
    /// Puts what is given in place of what the options say.
    pub(crate) fn over(&self, options: &mut DataOptions) {
        let categorical = self.categorical.iter();
        options
            .columns
            .extend(categorical.map(|name| (name.clone(), ColumnKind::Categorical)));
        self.cells.over(&mut options.missing, &mut options.delimiter);
    }

    /// The first that is given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let categorical = self.categorical.first().map(|_| "--categorical");
        categorical.or_else(|| self.cells.given())
    }
}

impl DataFlags {
    /// Puts what is given in place of what the options say.
    ///
    /// # Errors
    /// A name is no Unicode.
    pub(crate) fn over(&self, options: &mut DataOptions) -> Result<()> {
        for (flag, file) in [("--valid", &self.valid), ("--test", &self.test)] {
            file.as_deref().map_or(Ok(()), |file| writable(flag, file))?;
        }
        if self.target.is_some() {
            options.target.clone_from(&self.target);
        }
        if !self.drop.is_empty() {
            options.drop.clone_from(&self.drop);
        }
        if self.sample_weight.is_some() {
            options.sample_weight.clone_from(&self.sample_weight);
        }
        self.reading.over(options);
        if self.valid.is_some() || self.valid_fraction.is_some() {
            (options.valid, options.valid_fraction) = (self.valid.clone(), self.valid_fraction);
        }
        if self.test.is_some() || self.test_fraction.is_some() {
            (options.test, options.test_fraction) = (self.test.clone(), self.test_fraction);
        }
        Ok(())
    }
}

impl DataFlags {
    /// Keys of the run file with the flags that gave them.
    pub(crate) fn given(&self) -> Vec<(String, &'static str)> {
        let ReadingFlags { categorical, cells } = &self.reading;
        let columns = categorical
            .iter()
            .map(|name| (format!("columns.{name}"), "--categorical"));
        let keys = [
            ("target", self.target.is_some(), "--target"),
            ("drop", !self.drop.is_empty(), "--drop"),
            ("sample_weight", self.sample_weight.is_some(), "--sample-weight"),
            ("columns", !categorical.is_empty(), "--categorical"),
            ("missing", !cells.na.is_empty(), "--na"),
            ("delimiter", cells.delimiter.is_some(), "--delimiter"),
            ("valid", self.valid.is_some(), "--valid"),
            ("valid_fraction", self.valid_fraction.is_some(), "--valid-fraction"),
            ("test", self.test.is_some(), "--test"),
            ("test_fraction", self.test_fraction.is_some(), "--test-fraction"),
        ];
        let given = keys.into_iter().filter(|(_, given, _)| *given);
        let all = given.map(|(key, _, flag)| (key.to_owned(), flag)).chain(columns);
        all.map(|(key, flag)| (format!("data.{key}"), flag)).collect()
    }
}

/// Refuses a name that no run file, and no settings that are printed, could hold.
fn writable(flag: &str, file: &Path) -> Result<()> {
    if file.to_str().is_some() {
        return Ok(());
    }
    let error = Error::config(format!("the name of the file is no Unicode: {}", file.display()));
    Err(error.within(flag).hint("give it another name"))
}

/// The same error about how cells are read, in the words of the command line.
pub(crate) fn by_flag(error: Error) -> Error {
    let names = [("data.delimiter", "--delimiter"), ("data.more", "MORE")];
    error.rename_places(|key| Some(names.iter().find(|(known, _)| *known == key)?.1.to_owned()))
}
