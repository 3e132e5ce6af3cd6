//! New data for a trained model.

use std::path::Path;

use rosenblatt_tensor::{Error, Result};

use super::images::{PIXELS, fitting, nothing_in};
use super::origin::Origin;
use super::{tables, weights};
use crate::csv::{self, CsvOptions};
use crate::gaps::Gap;
use crate::images::ImagePart;
use crate::places::{count, listing, meant};
use crate::schema::{Field, FieldKind};
use crate::{ColumnKind, DataRef, Dataset, Images, Input, Preprocessing, Schema, Table, idx, resolve};

/// What new data is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Targets are needed: rows without one are left out, and counted in a note.
    Evaluate,
    /// Targets are not looked at: every row stays, in its order.
    Predict,
}

/// New data as the model wants it.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The rows.
    pub dataset: Dataset,
    /// Cells that hold nothing training knew.
    pub gaps: Vec<Gap>,
    /// What else the user should know: which rows these are, rows left out, unseen categories; one sentence each.
    pub notes: Vec<String>,
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
    let of_folder = |part: ImagePart, folder: &Path| {
        let read = Images::read_part(folder, part)?;
        let mut applied = images(schema, preprocessing, read, purpose).map_err(|e| e.within(source))?;
        if part == ImagePart::Train {
            applied
                .notes
                .push("the folder has no test images: these are its images for training".to_owned());
        }
        Ok(applied)
    };
    match resolve(source)? {
        DataRef::File(path) => file(schema, preprocessing, &Input::file(path), purpose),
        DataRef::Stdin => file(schema, preprocessing, &Input::stdin()?, purpose),
        DataRef::Folder(folder) => match Input::tables_in(&folder)? {
            _ if Images::is_part(&folder, ImagePart::Test) => of_folder(ImagePart::Test, &folder),
            // Training takes images where there are some; without a test part, they are all there is.
            _ if Images::are_in(&folder) => of_folder(ImagePart::Train, &folder),
            Some(files) => table(schema, preprocessing, &files, None, purpose),
            None => Err(nothing_in(&folder)),
        },
        DataRef::Set(set) => match set.table() {
            Some(input) => {
                let rows = set.held_out()?.unwrap_or_default();
                let mut applied = table(schema, preprocessing, &input, Some(&rows), purpose)?;
                applied
                    .notes
                    .insert(0, format!("`{}`: its {}", set.name, count(rows.len(), "test row")));
                Ok(applied)
            }
            None => images(schema, preprocessing, set.images(ImagePart::Test)?, purpose).map_err(|e| e.within(source)),
        },
    }
}

/// A file, or what came from standard input.
pub(super) fn file(schema: &Schema, preprocessing: &Preprocessing, input: &Input, purpose: Purpose) -> Result<Applied> {
    if idx::is_idx(input)? {
        if purpose == Purpose::Evaluate {
            let error = Error::data("a single IDX file has no labels to compare with").within(input.name());
            return Err(error.hint("name the folder that holds the files of images and labels"));
        }
        return images(schema, preprocessing, Images::read(input)?, purpose).map_err(|e| e.within(input.name()));
    }
    table(schema, preprocessing, input, None, purpose)
}

fn table(
    schema: &Schema,
    preprocessing: &Preprocessing,
    input: &Input,
    only: Option<&[u64]>,
    purpose: Purpose,
) -> Result<Applied> {
    let is_image = |field: &Field| matches!(field.kind, FieldKind::Image { .. });
    if schema.columns.iter().any(is_image) {
        return Err(Error::data("expected images, as in training, got a table").within(input.name()));
    }
    let options = reading(schema, purpose);
    let table = csv::read(input, &options)?;
    check_columns(preprocessing, &table)?;
    let origin = Origin {
        input,
        delimiter: options.delimiter,
    };
    let mut rows = only.map_or_else(|| (0..table.len() as u64).collect(), <[u64]>::to_vec);
    let mut notes = Vec::new();
    if purpose == Purpose::Evaluate {
        (rows, notes) = evaluated(schema, &table, rows, origin)?;
    }
    let mut applied = tables::dataset(schema, preprocessing, (&table, origin), &rows, purpose)?;
    applied.notes.splice(0..0, notes);
    Ok(applied)
}

/// How to read new data: as the training data was read.
fn reading(schema: &Schema, purpose: Purpose) -> CsvOptions {
    let mut options = schema.reading();
    // Nothing that stands in a column nobody asked for is wrong.
    options.others = Some(ColumnKind::Categorical);
    match (purpose, &schema.sample_weight) {
        // Whatever stands in the target is not looked at.
        (Purpose::Predict, _) => _ = options.kinds.remove(&schema.target.name),
        (Purpose::Evaluate, Some(weights)) => _ = options.kinds.insert(weights.clone(), ColumnKind::Numeric),
        (Purpose::Evaluate, None) => {}
    }
    options
}

/// The rows with a target that count, and what to say about the others.
fn evaluated(
    schema: &Schema,
    table: &Table,
    mut rows: Vec<u64>,
    origin: Origin<'_>,
) -> Result<(Vec<u64>, Vec<String>)> {
    let mut notes = Vec::new();
    let target = table.column(&schema.target.name)?;
    let before = rows.len();
    rows.retain(|&row| !target.data.is_missing(row as usize));
    if rows.len() < before {
        let without = count(before - rows.len(), "row");
        notes.push(format!("left out {without} without a target"));
    }
    match schema.sample_weight.as_ref().map(|name| (name, table.column(name))) {
        Some((_, Ok(column))) => {
            let counting = weights::counting(column, rows, origin)?;
            rows = counting.rows;
            notes.extend(counting.notes);
        }
        Some((name, Err(_))) => notes.push(format!("there is no column `{name}` of weights: all rows count alike")),
        None => {}
    }
    Ok((rows, notes))
}

/// Names all columns that are missing at once.
fn check_columns(preprocessing: &Preprocessing, table: &Table) -> Result<()> {
    let wanted = preprocessing.columns.iter().map(|steps| steps.column.as_str());
    let missing: Vec<&str> = wanted
        .filter(|&name| table.names().all(|other| other != name))
        .collect();
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
        gaps: Vec::new(),
        notes: Vec::new(),
    })
}
