//! New data for a trained model.

use std::path::Path;

use rosenblatt_tensor::{Error, Result};

use super::images::{PIXELS, fitting, nothing_in};
use super::{tables, weights};
use crate::images::ImagePart;
use crate::places::{listing, meant};
use crate::schema::{Field, FieldKind};
use crate::{
    ColumnKind, DataRef, Dataset, Frame, Images, Input, Preprocessing, Schema, Table, TableOptions, Warning, idx, read,
    resolve,
};

/// What new data is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Targets are needed: rows without one are left out, and counted in a warning.
    Evaluate,
    /// Targets are not looked at: every row stays, in its order.
    Predict,
}

/// New data as the model wants it.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The rows.
    pub dataset: Dataset,
    /// Rows that were left out, cells that are imputed or hold what training has not seen.
    pub warnings: Vec<Warning>,
    /// The named data set whose test rows these are, if they are of one.
    pub test_rows_of: Option<&'static str>,
}

/// Reads a source and runs it through the preprocessing of a trained model.
///
/// Columns are found by name: their order does not matter, and further ones are ignored. Of a named data set the test
/// rows are taken. A column of weights is used to evaluate if it is there, and never needed.
///
/// # Errors
/// As [`crate::load`]; a column that is missing is named, with the nearest one that is there.
///
/// # Example
/// ```
/// use rosenblatt_data::{DataOptions, Purpose, apply, load};
/// let trained = load(&DataOptions::new("iris"), 0)?;
/// let again = apply(&trained.schema, &trained.preprocessing, "iris", Purpose::Evaluate)?;
/// assert_eq!(again.dataset.len(), 30);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn apply(schema: &Schema, preprocessing: &Preprocessing, source: &str, purpose: Purpose) -> Result<Applied> {
    apply_and_look(schema, preprocessing, source, purpose, &mut |_, _| Ok(()))
}

/// As [`apply`], to an input that is given, such as a [`Frame`] in memory.
///
/// # Errors
/// As [`apply`].
pub fn apply_input(schema: &Schema, preprocessing: &Preprocessing, input: &Input, purpose: Purpose) -> Result<Applied> {
    table((schema, preprocessing), input, None, purpose, &mut |_, _| Ok(()))
}

/// Sees a table as it was read, and which of its rows are taken; all of them is `None`.
pub type LookAtFrame<'a> = &'a mut dyn FnMut(&Frame, Option<&[u64]>) -> Result<()>;

/// As [`apply`]; `look` sees a table before its columns are taken apart. Images are not shown to it.
///
/// # Errors
/// As [`apply`], and those of `look`.
pub fn apply_and_look(
    schema: &Schema,
    preprocessing: &Preprocessing,
    source: &str,
    purpose: Purpose,
    look: LookAtFrame<'_>,
) -> Result<Applied> {
    let of_folder = |part: ImagePart, folder: &Path| {
        let read = Images::read_part(folder, part)?;
        let mut applied = images(schema, preprocessing, read, purpose).map_err(|e| e.within(source))?;
        if part == ImagePart::Train {
            let file = folder.display().to_string();
            applied.warnings.push(Warning::NoTestImages { file });
        }
        Ok(applied)
    };
    match resolve(source)? {
        DataRef::File(path) => file((schema, preprocessing), &Input::file(path), purpose, look),
        DataRef::Pattern(pattern) => {
            let files = Input::matching(&pattern)?;
            table((schema, preprocessing), &files, None, purpose, look)
        }
        DataRef::Stdin => file((schema, preprocessing), &Input::stdin()?, purpose, look),
        DataRef::Folder(folder) => match Input::tables_in(&folder)? {
            _ if Images::is_part(&folder, ImagePart::Test) => of_folder(ImagePart::Test, &folder),
            // Training takes images where there are some; without a test part, they are all there is.
            _ if Images::are_in(&folder) => of_folder(ImagePart::Train, &folder),
            Some(files) => table((schema, preprocessing), &files, None, purpose, look),
            None => Err(nothing_in(&folder)),
        },
        DataRef::Set(set) => match set.table() {
            Some(input) => {
                let rows = set.held_out()?.unwrap_or_default();
                let test_rows_of = Some(set.name);
                Ok(Applied {
                    test_rows_of,
                    ..table((schema, preprocessing), &input, Some(&rows), purpose, look)?
                })
            }
            None => images(schema, preprocessing, set.images(ImagePart::Test)?, purpose).map_err(|e| e.within(source)),
        },
    }
}

/// A file, or what came from standard input.
pub(super) fn file(
    (schema, preprocessing): (&Schema, &Preprocessing),
    input: &Input,
    purpose: Purpose,
    look: LookAtFrame<'_>,
) -> Result<Applied> {
    if idx::is_idx(input)? {
        if purpose == Purpose::Evaluate {
            let error = Error::data("a single IDX file has no labels to compare with").within(input.name());
            return Err(error.hint("name the folder that holds the files of images and labels"));
        }
        return images(schema, preprocessing, Images::read(input)?, purpose).map_err(|e| e.within(input.name()));
    }
    table((schema, preprocessing), input, None, purpose, look)
}

fn table(
    (schema, preprocessing): (&Schema, &Preprocessing),
    input: &Input,
    only: Option<&[u64]>,
    purpose: Purpose,
    look: LookAtFrame<'_>,
) -> Result<Applied> {
    let is_image = |field: &Field| matches!(field.kind, FieldKind::Image { .. });
    if schema.columns.iter().any(is_image) {
        return Err(Error::data("expected images, as in training, got a table").within(input.name()));
    }
    let options = reading(schema, purpose)?;
    let (frame, info) = read::read(input, &options.read)?;
    look(&frame, only)?;
    let (table, of_cells) = Table::of(frame, &options)?;
    check_columns(preprocessing, &table)?;
    let mut rows = only.map_or_else(|| (0..table.len() as u64).collect(), <[u64]>::to_vec);
    let mut warnings: Vec<Warning> = info.warnings.into_iter().chain(of_cells).collect();
    if purpose == Purpose::Evaluate {
        let of_rows;
        (rows, of_rows) = evaluated(schema, &table, rows)?;
        warnings.extend(of_rows);
    }
    let mut applied = tables::dataset(schema, preprocessing, &table, &rows, purpose)?;
    applied.warnings.splice(0..0, warnings);
    Ok(applied)
}

/// How to read new data: as the training data was read.
fn reading(schema: &Schema, purpose: Purpose) -> Result<TableOptions> {
    let mut options = schema.reading()?;
    // Columns that are not used may hold anything.
    options.others = Some(ColumnKind::Categorical);
    match (purpose, &schema.sample_weight) {
        // The target may hold anything.
        (Purpose::Predict, _) => _ = options.kinds.remove(&schema.target.name),
        (Purpose::Evaluate, Some(weights)) => _ = options.kinds.insert(weights.clone(), ColumnKind::Numeric),
        (Purpose::Evaluate, None) => {}
    }
    Ok(options)
}

/// The rows with a target and a weight above 0, and warnings about the others.
fn evaluated(schema: &Schema, table: &Table, mut rows: Vec<u64>) -> Result<(Vec<u64>, Vec<Warning>)> {
    let target = table.column(&schema.target.name)?;
    let before = rows.len();
    rows.retain(|&row| !target.data.is_missing(row as usize));
    let mut warnings: Vec<Warning> = tables::without_target(schema, before - rows.len())
        .into_iter()
        .collect();
    match schema.sample_weight.as_ref().map(|name| (name, table.column(name))) {
        Some((_, Ok(column))) => {
            let (counted, warning) = weights::counting(table, column, rows)?;
            rows = counted;
            warnings.extend(warning);
        }
        Some((name, Err(_))) => warnings.push(Warning::NoSampleWeight {
            column: name.clone(),
            part: None,
        }),
        None => {}
    }
    Ok((rows, warnings))
}

/// Names all columns that are missing at once.
fn check_columns(preprocessing: &Preprocessing, table: &Table) -> Result<()> {
    let wanted = preprocessing.columns.iter().map(|steps| steps.column.as_str());
    let missing: Vec<&str> = wanted.filter(|&name| !table.has(name)).collect();
    let Some(first) = missing.first() else { return Ok(()) };
    let names = listing(missing.iter().copied());
    let message = format!("the model was trained with columns that are missing here: {names}");
    Err(Error::data(message)
        .within(table.name())
        .hint(meant(first, table.names())))
}

fn images(schema: &Schema, preprocessing: &Preprocessing, mut images: Images, purpose: Purpose) -> Result<Applied> {
    images = fitting(schema, images)?;
    if purpose == Purpose::Predict {
        images.labels = None;
    }
    debug_assert!(schema.columns.iter().all(|field| field.name == PIXELS));
    let dataset = images.into_dataset(schema.task.clone(), preprocessing.pixel_scale(schema))?;
    Ok(Applied {
        dataset,
        warnings: Vec::new(),
        test_rows_of: None,
    })
}
