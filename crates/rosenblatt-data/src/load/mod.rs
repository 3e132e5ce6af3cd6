//! From a source to rows for training, and from new data to rows for a trained model.

mod absurd;
mod apply;
mod divide;
mod images;
mod origin;
mod preview;
mod refused;
mod tables;
mod weights;

use std::path::PathBuf;

use rosenblatt_tensor::{Advice, Error, Result};

use crate::read::{ReadInfo, ReadOptions};
use crate::schema::FieldKind;
use crate::sets::Set;
use crate::split::Split;
use crate::{
    ColumnKind, DataOptions, DataRef, Dataset, Images, Input, Preprocessing, Schema, Table, TableOptions, Task,
    Warning, idx, resolve,
};

pub use apply::{Applied, LookAtFrame, Purpose, apply, apply_and_look, apply_input};
pub(crate) use origin::RowOrigins;
pub use preview::{ImageGroup, ImageSet, Preview, preview};

/// Everything a training run needs to know about its data.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Rows to learn from.
    pub train: Dataset,
    /// Rows to choose by, if asked for.
    pub valid: Option<Dataset>,
    /// Rows to evaluate on, if there are any: they influence nothing.
    pub test: Option<Dataset>,
    /// What the columns are.
    pub schema: Schema,
    /// Fitted on the training rows.
    pub preprocessing: Preprocessing,
    /// Task, features, rows, weights, embeddings and orders of dates, one line each: what was inferred and decided.
    pub summary: Vec<String>,
    /// What changes a result, or may.
    pub warnings: Vec<Warning>,
}

impl Prepared {
    /// How to predict classes instead of numbers, or numbers instead of classes, if the target can be both.
    #[must_use]
    pub fn other_task(&self) -> Option<Advice> {
        let key = format!("data.columns.{}", self.schema.target.name);
        match &self.schema.task {
            Task::Classification { .. } if self.schema.target.kind == FieldKind::Numeric => {
                Some(Advice::new("for numbers instead of classes: ").set(key, "numeric"))
            }
            Task::Regression => {
                let targets = self.train.targets()?.to_vec::<f64>().ok()?;
                let are_whole = targets.iter().all(|x| x.fract() == 0.0);
                are_whole.then(|| Advice::new("for classes instead of numbers: ").set(key, "categorical"))
            }
            Task::Classification { .. } => None,
        }
    }

    /// The reason why a column is not used as a feature though no one dropped it, if it is not.
    #[must_use]
    pub fn left_out(&self, name: &str) -> Option<&str> {
        self.warnings.iter().find_map(|warning| match warning {
            Warning::ColumnDropped { column, reason } if column == name => Some(reason.as_str()),
            _ => None,
        })
    }
}

/// Sees a table and how it was read.
pub type Look<'a> = &'a mut dyn FnMut(&Table, &ReadInfo);

/// Reads a source, infers what it holds, splits it, and fits and applies preprocessing.
///
/// `seed` is that of the run; it draws validation rows, and the test rows of a file. All is in memory after this,
/// tables as f32, images as bytes.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] with the place of what is wrong in the data,
/// [`rosenblatt_tensor::ErrorKind::Config`] if the options contradict each other or the data,
/// [`rosenblatt_tensor::ErrorKind::Io`] if a file cannot be read.
///
/// # Example
/// ```
/// use rosenblatt_data::{DataOptions, load};
/// let data = load(&DataOptions::new("iris").valid_fraction(0.25), 7)?;
/// assert_eq!([data.train.len(), data.valid.unwrap().len(), data.test.unwrap().len()], [90, 30, 30]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn load(options: &DataOptions, seed: u64) -> Result<Prepared> {
    load_and_look(options, seed, &mut |_, _| ())
}

/// As [`load`], from an input that is given, such as a [`Frame`](crate::Frame) in memory: `data.source` and `data.more` are not read.
///
/// # Errors
/// As [`load`].
///
/// # Example
/// ```
/// use rosenblatt_data::{DataOptions, Frame, load_input};
/// let x: Vec<f64> = (0..40).map(f64::from).collect();
/// let kind = (0..40).map(|row| ["few", "many"][row / 20]).collect::<Vec<_>>();
/// let frame = Frame::from_columns("rows", [("x", x.into()), ("kind", kind.into())])?;
/// let data = load_input(&frame.into(), &DataOptions::default().target("kind"), 0)?;
/// assert_eq!(data.train.len(), 40);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn load_input(input: &Input, options: &DataOptions, seed: u64) -> Result<Prepared> {
    check(options)?;
    tables::load(input, options, None, seed, &mut |_, _| ())
}

/// As [`load`]; `look` sees a table as it was read, before any row or column is left out. Images are not shown to it.
///
/// # Errors
/// As [`load`].
pub fn load_and_look(options: &DataOptions, seed: u64, look: Look<'_>) -> Result<Prepared> {
    if options.source.is_empty() {
        return Err(Error::config("no data named").within("data.source"));
    }
    check(options)?;
    match find(&options.source, &options.more)? {
        Found::Table(input, set) => tables::load(&input, options, set, seed, look),
        Found::ImageSet(_) | Found::ImageFolder(_) if options.memory.is_some() => {
            Err(Error::config("is for tables, and these are images").within("data.memory"))
        }
        Found::ImageSet(set) => images::load_set(set, options, seed),
        Found::ImageFolder(folder) => images::load_folder(&folder, options, seed),
    }
}

/// Where the rows of a source are.
enum Found {
    /// Of a named set, if it is one.
    Table(Input, Option<&'static Set>),
    ImageSet(&'static Set),
    ImageFolder(PathBuf),
}

/// Finds the rows of a source and of further files of the same table.
fn find(source: &str, more: &[PathBuf]) -> Result<Found> {
    let found = resolve(source)?;
    if !more.is_empty() && !matches!(found, DataRef::File(_)) {
        let message = format!("expected a file before further files, got `{source}`");
        return Err(Error::config(message).within("data.more"));
    }
    Ok(match found {
        DataRef::Set(set) => match set.table() {
            Some(input) => Found::Table(input, Some(set)),
            None => Found::ImageSet(set),
        },
        DataRef::Folder(folder) => match Input::tables_in(&folder)? {
            Some(files) if !Images::are_in(&folder) => Found::Table(files, None),
            _ => Found::ImageFolder(folder),
        },
        DataRef::Pattern(pattern) => Found::Table(Input::matching(&pattern)?, None),
        DataRef::Stdin => Found::Table(Input::stdin()?, None),
        DataRef::File(path) => {
            let input = Input::file(path);
            if idx::is_idx(&input)? {
                let error = Error::data("one IDX file does not make a data set").within(input.name());
                return Err(error.hint("name the folder that holds the files of images and labels"));
            }
            let more = more.iter().map(Input::file);
            Found::Table(Input::several(std::iter::once(input).chain(more).collect()), None)
        }
    })
}

fn check(options: &DataOptions) -> Result<()> {
    let both = |name: &str, file: bool, fraction: bool| {
        let message = format!("`{name}` and `{name}_fraction` exclude each other");
        if file && fraction {
            Err(Error::config(message).within(format!("data.{name}_fraction")))
        } else {
            Ok(())
        }
    };
    both("valid", options.valid.is_some(), options.valid_fraction.is_some())?;
    both("test", options.test.is_some(), options.test_fraction.is_some())?;
    let fractions = [
        ("valid_fraction", options.valid_fraction),
        ("test_fraction", options.test_fraction),
    ];
    for (name, fraction) in fractions {
        if fraction.is_some_and(|f| !(f > 0.0 && f < 1.0)) {
            let message = format!(
                "expected a number between 0 and 1, got {}",
                fraction.unwrap_or_default()
            );
            return Err(Error::config(message).within(format!("data.{name}")));
        }
    }
    match &options.split {
        Some(split) if options.valid_fraction.is_none() && options.test_fraction.is_none() => Err(draws_nothing(split)),
        _ => Ok(()),
    }
}

/// The error of a method to draw rows by, where none are drawn.
fn draws_nothing(split: &Split) -> Error {
    let message = format!("`{split}` says how rows are drawn, and none are: they are given, or none are held out");
    let hint = Advice::new("leave it out, or hold out rows with ").set("data.valid_fraction", 0.2);
    Error::config(message)
        .within("data.split")
        .hint(hint.text(" or ").set("data.test_fraction", 0.2))
}

/// How a run reads its tables.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if a setting has a value that does not fit.
pub fn table_options(options: &DataOptions) -> Result<TableOptions> {
    let mut kinds = options.columns.clone();
    for column in options.date_formats.keys() {
        let kind = *kinds.entry(column.clone()).or_insert(ColumnKind::Date);
        if kind != ColumnKind::Date {
            let message = format!("`{column}` has a format of dates, and cannot be of another kind");
            return Err(Error::config(message).within(format!("data.date_formats.{column}")));
        }
    }
    if let Some(weights) = &options.sample_weight
        && let Some(given) = kinds.insert(weights.clone(), ColumnKind::Numeric)
        && given != ColumnKind::Numeric
    {
        let message = format!("`{weights}` holds weights, which are numbers, and cannot be of another kind");
        return Err(Error::config(message).within("data.sample_weight"));
    }
    // Names of groups, even if they are written as numbers: no cell is odd.
    if let Some(group) = options.split.as_ref().and_then(Split::not_a_feature) {
        kinds.entry(group.to_owned()).or_insert(ColumnKind::Categorical);
    }
    Ok(TableOptions {
        read: ReadOptions {
            asked: options.asked(),
            ..options.reading().options(options.delimiter)?
        },
        missing: options.missing.clone(),
        not_missing: options.not_missing.clone(),
        exact: options.exact.clone(),
        kinds,
        ..TableOptions::default()
    })
}

/// How many rows each part has.
fn rows_line(train: &Dataset, valid: Option<&Dataset>, test: Option<&Dataset>) -> String {
    let part = |part: Option<&Dataset>, name: &str| part.map_or(String::new(), |d| format!(", {} {name}", d.len()));
    format!(
        "rows: {} training{}{}",
        train.len(),
        part(valid, "validation"),
        part(test, "test")
    )
}
