//! New rows for a trained model, and what to say about them.

use std::ffi::OsStr;

use rosenblatt_data::gaps::sentence;
use rosenblatt_data::sets::Content;
use rosenblatt_data::{Applied, DataRef, Dataset, Purpose, apply, resolve};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::Table;

use crate::flags::{Cells, SettingFlags, source};
use crate::ui::Ui;

/// Reads DATA as the model wants it, and warns of unseen categories and missing cells; returns the warnings too.
///
/// # Errors
/// DATA cannot be read, or is not what the model was trained on.
pub(crate) fn read(
    about: &Table,
    data: &OsStr,
    cells: &SettingFlags<Cells>,
    purpose: Purpose,
    ui: &Ui,
) -> Result<(Dataset, Vec<String>)> {
    if let (Some(flag), Some(_)) = (cells.first(), about.preprocessing.pixel_scale(&about.schema)) {
        return Err(Error::config("does not apply to images")
            .within(flag)
            .hint("leave it out"));
    }
    let (source, schema) = (source(data)?, cells.reading(&about.schema)?);
    let Applied { dataset, gaps, notes } = apply(&schema, &about.preprocessing, &source, purpose)?;
    let mut notes = notes.into_iter();
    // Of a named table the first note says which rows were taken.
    if matches!(resolve(&source), Ok(DataRef::Set(set)) if matches!(set.content, Content::Csv(_))) {
        notes.next().into_iter().for_each(|note| ui.note(&note));
    }
    let warnings: Vec<String> = notes.chain(sentence(&gaps)).collect();
    warnings.iter().for_each(|line| ui.warning(line));
    Ok((dataset, warnings))
}
