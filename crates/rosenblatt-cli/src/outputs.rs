//! Names of outputs, and what is there already.

use std::path::{Path, PathBuf};

use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::CheckpointOptions;
use rosenblatt_train::files;

/// Where the model of a training run goes: to `output`, or else to `<data>.safetensors` in the current folder.
///
/// A name of our own is numbered until it is free: no model has it, and no checkpoints of an unfinished run do. A run
/// that is resumed takes the last such name that has checkpoints.
///
/// # Errors
/// See [`check`].
pub(crate) fn model(output: Option<&Path>, source: &str, force: bool, resume: bool) -> Result<PathBuf> {
    if let Some(path) = output {
        check(path, force)?;
        return Ok(path.to_owned());
    }
    let stem = stem(source);
    let names = |from: u64| (from..).map(|number| numbered(&stem, number));
    let unfinished = |path: &PathBuf| !path.exists() && has_checkpoints(path);
    let free = names(1)
        .position(|path| !path.exists() && !has_checkpoints(&path))
        .unwrap_or_default();
    let last = names(1).take(free).filter(unfinished).last();
    Ok(last
        .filter(|_| resume)
        .unwrap_or_else(|| numbered(&stem, free as u64 + 1)))
}

/// Whether there are checkpoints of an unfinished run for a model.
pub(crate) fn has_checkpoints(model: &Path) -> bool {
    CheckpointOptions::next_to(model).folder.exists()
}

/// Refuses a place that cannot be written to, or must not.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if a file is there and `force` is not given, if no file but a folder or a
/// device is there, or if its folder does not exist: nothing has failed yet, and another name will do.
pub(crate) fn check(path: &Path, force: bool) -> Result<()> {
    let within = |error: Error| Err(error.within(path.display().to_string()));
    if path == Path::new("-") {
        return within(Error::config(
            "standard output cannot be used here, expected the name of a file",
        ));
    }
    if path.exists() && !path.is_file() {
        return within(Error::config("is no ordinary file, expected the name of one"));
    }
    if path.exists() && !force {
        return within(Error::config("exists already").hint("choose another name, or add `--force` to replace it"));
    }
    match path.parent() {
        _ if path.file_name().is_none() => within(Error::config("expected the name of a file")),
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            within(Error::config(format!("there is no folder `{}`", folder.display())))
        }
        _ => Ok(()),
    }
}

/// Where an output lies, however it is spelled: `out` and `./out` are one file.
pub(crate) fn place(path: &Path) -> PathBuf {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match (path.canonicalize(), folder.canonicalize(), path.file_name()) {
        (Ok(there), ..) => there,
        (_, Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// Writes a file; whoever opens it meets the old content or the new one.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Io`]; then the old file is intact.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    files::write(&*files::system(), path, bytes)
}

/// `penguins` of `penguins`, `adult` of `data/adult.csv.gz`.
fn stem(source: &str) -> String {
    let path = Path::new(source.strip_suffix(".gz").unwrap_or(source));
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    stem.filter(|stem| stem != "-").unwrap_or_else(|| "model".to_owned())
}

fn numbered(stem: &str, number: u64) -> PathBuf {
    match number {
        1 => format!("{stem}.safetensors"),
        number => format!("{stem}-{number}.safetensors"),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stem_is_what_one_would_call_the_data() {
        for (source, expected) in [
            ("penguins", "penguins"),
            ("a/b/adult.csv.gz", "adult"),
            ("x.tsv", "x"),
            ("-", "model"),
            ("..", "model"),
            ("/", "model"),
        ] {
            assert_eq!(stem(source), expected, "{source}");
        }
    }

    #[test]
    fn a_folder_or_a_place_without_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check(folder.path(), true).is_err());
        assert!(check(&folder.path().join("missing/model"), false).is_err());
        let file = folder.path().join("file");
        assert!(check(&file, false).is_ok());
        std::fs::write(&file, "x").unwrap();
        assert!(
            check(&file, false)
                .unwrap_err()
                .hint_text()
                .unwrap()
                .contains("--force")
        );
        assert!(check(&file, true).is_ok());
    }
}
