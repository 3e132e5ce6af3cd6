//! New rows for a trained model, and what to say about them.

use std::ffi::OsStr;

use rosenblatt_data::preprocess::{Fitted, MedianImpute};
use rosenblatt_data::sets::Content;
use rosenblatt_data::{Applied, DataRef, Dataset, Preprocessing, Purpose, apply, resolve};
use rosenblatt_tensor::Result;
use rosenblatt_train::About;

use crate::flags::source;
use crate::ui::{Ui, count};

/// Reads DATA as the model wants it, and warns of unseen categories and missing cells.
///
/// # Errors
/// DATA cannot be read, or is not what the model was trained on.
pub(crate) fn read(about: &About, data: &OsStr, purpose: Purpose, ui: &Ui) -> Result<Dataset> {
    let source = source(data)?;
    let Applied { dataset, notes } = apply(&about.schema, &about.preprocessing, &source, purpose)?;
    let mut notes = notes.iter();
    // Of a named table the first note says which rows were taken.
    if matches!(resolve(&source), Ok(DataRef::Set(set)) if matches!(set.content, Content::Csv(_))) {
        notes.next().into_iter().for_each(|note| ui.note(note));
    }
    notes.for_each(|note| ui.warning(note));
    gaps(&about.preprocessing, &dataset)
        .iter()
        .for_each(|gap| ui.warning(gap));
    Ok(dataset)
}

/// Columns with gaps as training knew them, a sentence each; gaps that are new to the model are in the reader's notes.
fn gaps(preprocessing: &Preprocessing, dataset: &Dataset) -> Vec<String> {
    let Ok(values) = dataset.features().as_slice::<f32>() else {
        return Vec::new(); // Pixels have no gaps.
    };
    let width = dataset.feature_names().len().max(1);
    let cells_of = |marked: &dyn Fn(&[f32]) -> bool| values.chunks_exact(width).filter(|row| marked(row)).count();
    let (mut found, mut first) = (Vec::new(), 0);
    for column in &preprocessing.columns {
        for step in &column.steps {
            let (cells, what, features) = match step {
                Fitted::MedianImpute(MedianImpute { indicator, .. }) => {
                    let at = first + 1;
                    let cells = if *indicator { cells_of(&|row| row[at] == 1.0) } else { 0 };
                    (
                        cells,
                        "missing, filled with the training median",
                        1 + usize::from(*indicator),
                    )
                }
                Fitted::OneHot(categories) => {
                    let own = first..first + categories.levels.len();
                    let cells = cells_of(&|row| row[own.clone()].iter().all(|&flag| flag == 0.0));
                    (
                        cells,
                        "missing, or of a category without a feature of its own",
                        own.len() + usize::from(categories.other),
                    )
                }
                _ => continue,
            };
            first += features;
            if cells > 0 {
                found.push(format!("`{}`: {} {what}", column.column, count(cells, "cell")));
            }
        }
    }
    found
}
