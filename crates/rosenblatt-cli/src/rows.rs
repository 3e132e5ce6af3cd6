//! New rows for a trained model, and what to say about them.

use std::ffi::OsStr;

use rosenblatt_data::gaps::sentence;
use rosenblatt_data::sets::Content;
use rosenblatt_data::{Applied, DataRef, Dataset, Purpose, apply, resolve};
use rosenblatt_tensor::Result;
use rosenblatt_train::About;

use crate::flags::source;
use crate::ui::Ui;

/// Reads DATA as the model wants it, and warns of unseen categories and missing cells.
///
/// # Errors
/// DATA cannot be read, or is not what the model was trained on.
pub(crate) fn read(about: &About, data: &OsStr, purpose: Purpose, ui: &Ui) -> Result<Dataset> {
    read_and_warn(about, data, purpose, ui).map(|(dataset, _)| dataset)
}

/// As [`read`]; the warnings are returned too.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_and_warn(about: &About, data: &OsStr, purpose: Purpose, ui: &Ui) -> Result<(Dataset, Vec<String>)> {
    let source = source(data)?;
    let Applied { dataset, gaps, notes } = apply(&about.schema, &about.preprocessing, &source, purpose)?;
    let mut notes = notes.into_iter();
    // Of a named table the first note says which rows were taken.
    if matches!(resolve(&source), Ok(DataRef::Set(set)) if matches!(set.content, Content::Csv(_))) {
        notes.next().into_iter().for_each(|note| ui.note(&note));
    }
    let warnings: Vec<String> = notes.chain(sentence(&gaps)).collect();
    warnings.iter().for_each(|line| ui.warning(line));
    Ok((dataset, warnings))
}
