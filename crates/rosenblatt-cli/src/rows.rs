//! New rows for a trained model, and what to say about them.

use std::ffi::OsStr;

use rosenblatt_data::preprocess::{Fitted, MedianImpute};
use rosenblatt_data::sets::Content;
use rosenblatt_data::{Applied, DataRef, Dataset, Preprocessing, Purpose, apply, resolve};
use rosenblatt_tensor::Result;
use rosenblatt_train::About;

use crate::flags::source;
use crate::remarks::{Gap, GapKind, sentence, without_gaps};
use crate::ui::Ui;

/// Reads DATA as the model wants it, and warns of unseen categories and missing cells.
///
/// # Errors
/// DATA cannot be read, or is not what the model was trained on.
pub(crate) fn read(about: &About, data: &OsStr, purpose: Purpose, ui: &Ui) -> Result<Dataset> {
    let source = source(data)?;
    let Applied { dataset, notes } = apply(&about.schema, &about.preprocessing, &source, purpose)?;
    let mut notes = notes.into_iter();
    // Of a named table the first note says which rows were taken.
    if matches!(resolve(&source), Ok(DataRef::Set(set)) if matches!(set.content, Content::Csv(_))) {
        notes.next().into_iter().for_each(|note| ui.note(&note));
    }
    let (others, new) = without_gaps(notes.collect());
    let gaps = [gaps(&about.preprocessing, &dataset), new].concat();
    others
        .into_iter()
        .chain(sentence(&gaps))
        .for_each(|line| ui.warning(&line));
    Ok(dataset)
}

/// Gaps as training knew them; those that are new to the model are in the reader's notes.
fn gaps(preprocessing: &Preprocessing, dataset: &Dataset) -> Vec<Gap> {
    let Ok(values) = dataset.features().as_slice::<f32>() else {
        return Vec::new(); // Pixels have no gaps.
    };
    let width = dataset.feature_names().len().max(1);
    let cells_of = |marked: &dyn Fn(&[f32]) -> bool| values.chunks_exact(width).filter(|row| marked(row)).count();
    let (mut found, mut first) = (Vec::new(), 0);
    for column in &preprocessing.columns {
        for step in &column.steps {
            let (cells, kind, features) = match step {
                Fitted::MedianImpute(MedianImpute { indicator, .. }) => {
                    let at = first + 1;
                    let cells = if *indicator { cells_of(&|row| row[at] == 1.0) } else { 0 };
                    (cells, GapKind::Number, 1 + usize::from(*indicator))
                }
                Fitted::OneHot(categories) => {
                    let own = first..first + categories.levels.len();
                    let cells = cells_of(&|row| row[own.clone()].iter().all(|&flag| flag == 0.0));
                    (cells, GapKind::Category, own.len() + usize::from(categories.other))
                }
                _ => continue,
            };
            first += features;
            if cells > 0 {
                let column = column.column.clone();
                found.push(Gap { column, cells, kind });
            }
        }
    }
    found
}
