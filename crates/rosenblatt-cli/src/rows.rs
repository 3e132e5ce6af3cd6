//! New rows for a trained model, and warnings about them.

use std::ffi::OsStr;

use rosenblatt_data::{Applied, Dataset, LookAtFrame, Purpose, apply_and_look};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::{Table, Warning};

use crate::flags::{SettingFlags, Subset, source};
use crate::ui::{Ui, count};
use crate::warnings;

/// Reads DATA as the model wants it, and prints the warnings about it; returns them too. `look` sees a table as it was read.
///
/// # Errors
/// DATA cannot be read, or is not what the model was trained on.
pub(crate) fn read<S: Subset>(
    about: &Table,
    data: &OsStr,
    cells: &SettingFlags<S>,
    purpose: Purpose,
    ui: &Ui,
    look: LookAtFrame<'_>,
) -> Result<(Dataset, Vec<Warning>)> {
    if let (Some(flag), Some(_)) = (cells.first(), about.preprocessing.pixel_scale(&about.schema)) {
        return Err(Error::config("does not apply to images")
            .within(flag)
            .hint("leave it out"));
    }
    let (source, schema) = (source(data)?, cells.reading(&about.schema)?);
    let applied = apply_and_look(&schema, &about.preprocessing, &source, purpose, look);
    let applied = applied.map_err(|error| cells.for_setting(error))?;
    let Applied {
        dataset,
        warnings,
        test_rows_of,
        ..
    } = applied;
    if let Some(set) = test_rows_of {
        ui.note(&format!("`{set}`: its {}", count(dataset.len(), "test row")));
    }
    let warnings: Vec<Warning> = warnings.into_iter().map(Warning::from).collect();
    warnings::print(&warnings, ui);
    Ok((dataset, warnings))
}
