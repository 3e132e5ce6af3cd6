//! Data sets known by name.
//!
//! To add one: write `sets/<name>.rs` (`-` in the name is `_` in the file), then add its two lines here. Small
//! tables whose licence allows it are part of the program, with their notice in `data/NOTICE.md`; large ones are
//! looked for on disk.

mod breast_cancer;
mod diabetes;
mod digits;
mod fashion_mnist;
mod iris;
mod penguins;

use std::io::Read;
use std::path::PathBuf;

use rosenblatt_tensor::{Error, Result};

use crate::images::ImagePart;
use crate::split::{HELD_OUT, HELD_OUT_SEED, HeldOut, split};
use crate::{Images, Input, Table, TableOptions, Task};

/// Every data set, in alphabetical order.
pub static SETS: &[Set] = &[
    breast_cancer::SET,
    diabetes::SET,
    digits::SET,
    fashion_mnist::SET,
    iris::SET,
    penguins::SET,
];

/// A data set and what to know about it.
#[derive(Clone, Copy, Debug)]
pub struct Set {
    /// How it is called on the command line.
    pub name: &'static str,
    /// One sentence.
    pub description: &'static str,
    /// `classification` or `regression`.
    pub task: &'static str,
    /// Number of rows, the test part included.
    pub rows: usize,
    /// What a row holds besides the target.
    pub features: &'static str,
    /// The column to predict, by default.
    pub target: &'static str,
    /// Who made it.
    pub source: &'static str,
    /// What one may do with it.
    pub licence: &'static str,
    /// Where its bytes are.
    pub content: Content,
}

/// Where the bytes of a data set are.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// A table in the program; without an official test part.
    Csv(&'static [u8]),
    /// A folder of images with an official test part.
    Idx {
        /// Names of the classes in the order of the labels.
        classes: &'static [&'static str],
        /// The Debian package that brings it.
        package: &'static str,
    },
}

/// The data set of a name; `_` counts as `-`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Set> {
    SETS.iter()
        .find(|set| set.name.replace('_', "-") == name.replace('_', "-"))
}

impl Set {
    /// The table, if it is one.
    pub(crate) fn table(&self) -> Option<Input> {
        match self.content {
            Content::Csv(bytes) => Some(Input::embedded(self.name, bytes)),
            Content::Idx { .. } => None,
        }
    }

    /// The table as a CSV file, unpacked; nothing for images.
    ///
    /// # Errors
    /// None for the sets of [`SETS`].
    pub fn csv(&self) -> Result<Option<Vec<u8>>> {
        let Some(input) = self.table() else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let read = input.open()?.reader.read_to_end(&mut bytes);
        read.map_err(|error| Error::internal(error.to_string()).within(self.name))?;
        Ok(Some(bytes))
    }

    /// Row numbers of the test part of a table without an official one, ascending: the same for every run, whatever it
    /// predicts and leaves out. Nothing for images, which have one.
    ///
    /// # Errors
    /// None for the sets of [`SETS`]; those of reading and splitting for others.
    pub fn held_out(&self) -> Result<Option<Vec<u64>>> {
        let Some(input) = self.table() else { return Ok(None) };
        let (table, _) = Table::read(&input, &TableOptions::default())?;
        let target = table.column(self.target)?;
        let (task, rows) = (Task::infer(target, None)?, target.present_rows());
        let classes = match task.classes() {
            Some(_) => Some(task.encode(target, &rows)?.to_vec::<i64>()?),
            None => None,
        };
        Ok(Some(
            split(&rows, classes.as_deref(), HELD_OUT, HeldOut::Test, HELD_OUT_SEED)?.held_out,
        ))
    }

    /// One part of the images.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if no folder has them, with all that were looked at.
    pub(crate) fn images(&self, part: ImagePart) -> Result<Images> {
        let folders = folders(self.name, |variable| std::env::var_os(variable).map(PathBuf::from));
        match folders.iter().find(|folder| Images::are_in(folder)) {
            Some(folder) => Images::read_part(folder, part),
            None => Err(self.not_found(&folders)),
        }
    }

    fn not_found(&self, folders: &[PathBuf]) -> Error {
        let looked: Vec<_> = folders.iter().map(|folder| format!("`{}`", folder.display())).collect();
        let error = Error::io(format!("the files are in none of {}", looked.join(", "))).within(self.name);
        let Content::Idx { package, .. } = self.content else {
            return error;
        };
        error.hint(format!(
            "install the Debian package `{package}`, or put the four IDX files into one of these folders"
        ))
    }
}

/// Where a data set may lie: `$ROSENBLATT_DATA/<name>`, the user's cache, the place of Debian's packages.
fn folders(name: &str, variable: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    let set = |name: &str| variable(name).filter(|path| !path.as_os_str().is_empty());
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    let mut folders = Vec::new();
    folders.extend(set("ROSENBLATT_DATA").map(|folder| folder.join(name)));
    folders.extend(cache.map(|cache| cache.join("rosenblatt").join(name)));
    folders.push(PathBuf::from("/usr/share/datasets").join(name));
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_registered() {
        let names: Vec<_> = SETS.iter().map(|set| set.name.replace('-', "_")).collect();
        assert!(names.is_sorted(), "keep SETS in alphabetical order");
        assert_eq!(rosenblatt_testkit::rust_files("src/sets"), names);
    }

    #[test]
    fn folders_in_their_order() {
        let env = |name: &str| match name {
            "ROSENBLATT_DATA" => Some(PathBuf::from("/data")),
            "XDG_CACHE_HOME" => Some(PathBuf::new()),
            "HOME" => Some(PathBuf::from("/home/ada")),
            _ => None,
        };
        let expected = ["/data/x", "/home/ada/.cache/rosenblatt/x", "/usr/share/datasets/x"].map(PathBuf::from);
        assert_eq!(folders("x", env), expected);
        assert_eq!(folders("x", |_| None), [PathBuf::from("/usr/share/datasets/x")]);
    }

    #[test]
    fn a_set_that_is_not_there_says_where_it_was_looked_for() {
        let error = find("fashion-mnist").unwrap().not_found(&[PathBuf::from("/nowhere")]);
        assert_eq!(error.to_string(), "fashion-mnist: the files are in none of `/nowhere`");
        assert!(error.hint_text().unwrap().contains("dataset-fashion-mnist"));
    }

    #[test]
    fn underscores_and_dashes_are_one() {
        assert_eq!(find("fashion_mnist").unwrap().name, "fashion-mnist");
        assert_eq!(find("breast-cancer").unwrap().name, "breast_cancer");
        assert!(find("").is_none());
    }
}
