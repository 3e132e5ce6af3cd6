//! Run files that other commands than `train` look at.

use std::path::Path;

use rosenblatt_data::{Prepared, load};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::Spec;
use rosenblatt_train::check::stand_in;

use crate::ui::Ui;

/// A run file and the data it names.
///
/// # Errors
/// One of them cannot be read, or they do not fit each other; the error names the run file.
pub(crate) fn read(path: &Path) -> Result<(Spec, Prepared)> {
    let spec = Spec::load(path)?;
    let data = data(path, &spec)?;
    Ok((spec, data))
}

/// The same for questions about the network: a run file that names no data gets bundled rows of the right kind.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_for_network(path: &Path, ui: &Ui) -> Result<(Spec, Prepared)> {
    let mut spec = Spec::load(path)?;
    if spec.data.source.is_empty() {
        spec.data = stand_in(&spec);
        let (name, set) = (path.display(), &spec.data.source);
        ui.note(&format!(
            "{name} names no data: its network is looked at with the rows of `{set}`"
        ));
    }
    let data = data(path, &spec)?;
    Ok((spec, data))
}

fn data(path: &Path, spec: &Spec) -> Result<Prepared> {
    load(&spec.data, spec.train.seed).map_err(|error| within(path, error))
}

/// An error about a run file.
pub(crate) fn within(path: &Path, error: Error) -> Error {
    error.within(path.display().to_string())
}
