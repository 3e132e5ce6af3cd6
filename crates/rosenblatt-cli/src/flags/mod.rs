//! Flags that several commands share, each group next to what it becomes.

mod advice;
mod data;
mod names;
#[cfg(test)]
mod reference;
mod run;
mod settings;
mod spec;
mod suggested;
mod ui;
mod values;

use std::ffi::OsStr;

use rosenblatt_tensor::{Error, Result};

pub(crate) use advice::typed;
pub(crate) use data::by_argument;
pub(crate) use names::{names, present_flags};
pub(crate) use run::RunFlags;
pub(crate) use settings::{Cells, Reading, SettingFlags, Subset};
pub(crate) use spec::{Job, Request, SpecFlags};
pub(crate) use suggested::{sets, without_files};
pub(crate) use ui::{Format, UiFlags};
pub(crate) use values::{above_0, count as whole_above_0, whole};

/// An error about options, which knows their fields, with the flags that give them.
pub(crate) fn in_flags(error: Error, flags: &[(&str, &str)]) -> Error {
    error.rename_places(|place| {
        let flag = flags.iter().find(|(field, _)| *field == place);
        flag.map(|(_, flag)| (*flag).to_owned())
    })
}

/// DATA as the readers take it.
///
/// # Errors
/// The name is not valid Unicode.
pub(crate) fn source(data: &OsStr) -> Result<String> {
    data.to_str().map(str::to_owned).ok_or_else(|| {
        let error = Error::config(format!("the name of the data is not valid Unicode: {}", data.display()));
        error.hint("give the file as standard input: `-` in its place, and `< FILE` at the end")
    })
}
