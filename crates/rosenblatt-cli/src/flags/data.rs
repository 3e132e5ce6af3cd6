//! Which data.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ValueHint;
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::settings::{Assignment, Origin};
use serde_json::Value;

use super::settings::not_unicode;
use super::source;

/// What is read.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct SourceFlags {
    /// A CSV file, a folder of CSV files or IDX images, `-` for standard input, or the name of a built-in data set (see `rosenblatt datasets`).
    #[arg(value_name = "DATA", required_unless_present = "config", value_hint = ValueHint::AnyPath)]
    data: Option<OsString>,
    /// Further CSV files with rows of the same table.
    #[arg(value_name = "MORE")]
    more: Vec<PathBuf>,
}

impl SourceFlags {
    /// What is given, as assignments. Data in place of that of a run file is without the further files of that.
    ///
    /// # Errors
    /// A name is not valid Unicode.
    pub(crate) fn assignments(&self, over_a_file: bool) -> Result<Vec<Assignment>> {
        let Some(data) = &self.data else { return Ok(Vec::new()) };
        let name = |file: &PathBuf| {
            let name = file.to_str().map(Value::from);
            name.ok_or_else(|| not_unicode("MORE", file.as_os_str()))
        };
        let more = self.more.iter().map(name).collect::<Result<Vec<_>>>()?;
        let given = |key, value, name: &str| Assignment::new(key, value, Origin::Flag(name.to_owned()));
        let source = given("data.source", source(data)?.into(), "DATA");
        let by = if more.is_empty() { "DATA" } else { "MORE" };
        let further = over_a_file || !more.is_empty();
        let more = further.then(|| given("data.more", more.into(), by));
        Ok(std::iter::once(source).chain(more).collect())
    }
}

/// The same error, which knows further files by their key, in the words of the command line.
pub(crate) fn by_argument(error: Error) -> Error {
    error.rename_places(|key| (key == "data.more").then(|| "MORE".to_owned()))
}
