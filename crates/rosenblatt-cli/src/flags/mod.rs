//! Flags that several commands share, each group beside what it becomes.

mod data;
mod model;
mod run;
mod spec;
mod ui;
mod values;

use std::ffi::OsStr;

use rosenblatt_tensor::{Error, Result};

pub(crate) use run::RunFlags;
pub(crate) use spec::{Job, SpecFlags, names, run_file};
pub(crate) use ui::{Format, UiFlags};

/// DATA as the readers take it.
///
/// # Errors
/// The name is no Unicode.
pub(crate) fn source(data: &OsStr) -> Result<String> {
    data.to_str().map(str::to_owned).ok_or_else(|| {
        let error = Error::config(format!("the name of the data is no Unicode: {}", data.display()));
        error.hint("give the file as standard input: `-` in its place, and `< FILE` at the end")
    })
}
