//! From a word on the command line to data.

use std::path::{Path, PathBuf};

use rosenblatt_tensor::{Error, Result};

use crate::places;
use crate::sets::{self, Set};

/// Where data is.
#[derive(Clone, Debug)]
pub enum DataRef {
    /// A file: a table or IDX.
    File(PathBuf),
    /// Files whose names match a pattern such as `data/*.csv`.
    Pattern(String),
    /// A folder with IDX files, or with tables that are one.
    Folder(PathBuf),
    /// Standard input: a table.
    Stdin,
    /// A data set known by name.
    Set(&'static Set),
}

/// Decides what `data` names: a file or folder if it exists or contains `/` or `.`, files that match a pattern if it contains `*`,
/// `?` or `[`, standard input if it is `-`, otherwise a data set.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Io`] if there is no such file, [`rosenblatt_tensor::ErrorKind::Config`] if there
/// is no such data set, with the nearest name as a hint.
///
/// # Example
/// ```
/// use rosenblatt_data::resolve;
/// let error = resolve("penguin").unwrap_err();
/// assert_eq!(error.hint_text(), Some("did you mean `penguins`?"));
/// ```
pub fn resolve(data: &str) -> Result<DataRef> {
    let path = Path::new(data);
    if data == "-" {
        Ok(DataRef::Stdin)
    } else if path.is_dir() {
        Ok(DataRef::Folder(path.to_owned()))
    } else if path.exists() {
        Ok(DataRef::File(path.to_owned()))
    } else if data.contains(['*', '?', '[']) && data.contains(['/', '.', '*']) {
        Ok(DataRef::Pattern(data.to_owned()))
    } else if data.contains(['/', '.']) {
        let error = places::not_there(data);
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        Err(match sets::find(stem) {
            Some(set) => error.hint(format!("the data set of this name is called `{}`", set.name)),
            None => error,
        })
    } else if let Some(set) = sets::find(data) {
        Ok(DataRef::Set(set))
    } else {
        let names = sets::SETS.iter().map(|set| set.name);
        let message = format!("`{}` is neither a file nor a data set", places::short(data));
        Err(Error::config(message).hint(places::meant(data, names)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_or_slash_means_a_file_and_other_words_a_set() {
        assert!(matches!(resolve("iris").unwrap(), DataRef::Set(set) if set.name == "iris"));
        assert!(matches!(resolve("-").unwrap(), DataRef::Stdin));
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            resolve(folder.path().to_str().unwrap()).unwrap(),
            DataRef::Folder(_)
        ));
        let file = folder.path().join("iris");
        std::fs::write(&file, "a\n1\n").unwrap();
        assert!(matches!(resolve(file.to_str().unwrap()).unwrap(), DataRef::File(_)));
        let error = resolve("iris.csv").unwrap_err();
        assert_eq!(error.kind(), rosenblatt_tensor::ErrorKind::Io);
        assert_eq!(error.hint_text(), Some("the data set of this name is called `iris`"));
        let error = resolve("no-such-thing-at-all").unwrap_err();
        assert!(error.hint_text().unwrap().contains("`fashion-mnist`"), "{error:?}");
        assert_eq!(error.kind(), rosenblatt_tensor::ErrorKind::Config);
    }
}
