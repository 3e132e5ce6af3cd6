//! Names of outputs, and what is there already.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use rosenblatt_tensor::{Error, ErrorKind, Result};
use rosenblatt_train::files::{self, Draft};
use rosenblatt_train::{CheckpointOptions, FolderLock};
use same_file::Handle;

use crate::ui::shown;

/// Where the model of a training run goes, and its checkpoints meanwhile.
pub(crate) struct ModelPlace {
    pub(crate) path: PathBuf,
    /// No other run has the folder.
    pub(crate) lock: FolderLock,
}

/// Where the model of a training run goes: to `output`, or else to `<data>.safetensors` in the current folder.
///
/// A name of our own is numbered until it is free: no model has it, no run, and no checkpoints of an unfinished run do.
/// A run that is resumed takes the last such name that has checkpoints. The name is taken by the lock of its checkpoint
/// folder.
///
/// # Errors
/// See [`check`]; another run has the folder.
pub(crate) fn model(output: Option<&Path>, source: &str, force: bool, resume: bool) -> Result<ModelPlace> {
    if let Some(path) = output {
        check(path, &[], force)?;
        let lock = FolderLock::take(&*files::system(), &CheckpointOptions::next_to(path).folder)?;
        // Another run may have ended in between.
        check(path, &[], force)?;
        let path = path.to_owned();
        return Ok(ModelPlace { path, lock });
    }
    let (stem, mut unfinished) = (stem(source), None);
    for number in 1.. {
        let path = numbered(&stem, number);
        if path.exists() {
            continue;
        }
        // Another run may put its model there at this moment: that is looked at again under the lock.
        check(&path, &[], true)?;
        let folder = CheckpointOptions::next_to(&path).folder;
        let lock = match FolderLock::try_take(&*files::system(), &folder) {
            Ok(Ok(lock)) => lock,
            // A file, no folder.
            Err(error) if error.kind() != ErrorKind::Config => return Err(error),
            _ => continue,
        };
        let place = ModelPlace { path, lock };
        match (place.path.exists(), place.lock.has_checkpoints()) {
            (true, _) => {}
            (false, true) if resume => unfinished = Some(place),
            (false, true) => {}
            (false, false) => return Ok(unfinished.unwrap_or(place)),
        }
    }
    Err(Error::internal("no number is free"))
}

/// Refuses an output that is one of the inputs of the same command, however it is spelled; `-` is standard input.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] with the output.
fn check_inputs(output: &Path, inputs: &[PathBuf]) -> Result<()> {
    let Some(there) = ordinary(output) else {
        return Ok(());
    };
    let is_it = |input: &PathBuf| match input.to_str() {
        Some("-") => Handle::stdin().is_ok_and(|stdin| stdin == there),
        _ => ordinary(input).is_some_and(|input| input == there),
    };
    let inside = |input: &PathBuf| {
        let entries = std::fs::read_dir(input).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).any(|entry| is_it(&entry))
    };
    if inputs.iter().any(|input| is_it(input) || inside(input)) {
        let error = Error::config("is an input of this command").within(output.display().to_string());
        return Err(error.hint("choose another name"));
    }
    Ok(())
}

/// An ordinary file; a pipe must not be opened twice.
fn ordinary(path: &Path) -> Option<Handle> {
    path.is_file().then(|| Handle::from_path(path).ok()).flatten()
}

/// Refuses a place that cannot be written to, or must not: also one of the inputs of the same command.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if a file is there and `force` is not given, if no file but a folder or a
/// device is there, or if its folder does not exist: nothing has failed yet, and another name will do.
pub(crate) fn check(path: &Path, inputs: &[PathBuf], force: bool) -> Result<()> {
    check_inputs(path, inputs)?;
    let within = |error: Error| Err(error.within(path.display().to_string()));
    if path == Path::new("-") {
        return within(Error::config(
            "standard output cannot be used here, expected the name of a file",
        ));
    }
    let name = path.to_string_lossy();
    if name.ends_with(std::path::is_separator) || name.ends_with("/.") {
        return within(Error::config("is a folder, expected the name of a file"));
    }
    // The longest name that is written besides it.
    let longest = format!("{name}{}{}", files::DRAFT, u32::MAX);
    if std::fs::symlink_metadata(longest).is_err_and(|error| error.kind() == io::ErrorKind::InvalidFilename) {
        return within(Error::config("the name is too long"));
    }
    if path.exists() && !path.is_file() {
        return within(Error::config("is no ordinary file, expected the name of one"));
    }
    // A link that leads nowhere is there, too.
    if path.symlink_metadata().is_ok() && !force {
        return within(Error::config("exists already").hint("choose another name, or add `--force` to replace it"));
    }
    match path.parent() {
        _ if path.file_name().is_none() => within(Error::config("expected the name of a file")),
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            within(Error::config(format!("there is no folder `{}`", shown(folder))))
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

/// Writes a file; whoever opens it meets the old content or the new one. Without `force` a file that is there stays.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Io`], also if there is a file and no `force`; then the old file is intact.
pub(crate) fn write(path: &Path, bytes: &[u8], force: bool) -> Result<()> {
    write_by(path, force, |out| out.write_all(bytes))
}

/// As [`write()`], for what may be too long for memory: it is written as it is made.
///
/// # Errors
/// As [`write()`].
pub(crate) fn write_by(path: &Path, force: bool, make: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let disk = files::system();
    let mut out = BufWriter::with_capacity(1 << 16, Draft::new(&*disk, path)?);
    let written = make(&mut out).and_then(|()| out.flush());
    // Not dropped as it is: what is left of a write that failed would be written once more.
    let (draft, _) = out.into_parts();
    written.map_err(|error| files::failed(path, "cannot be written", &error))?;
    if force { draft.finish() } else { draft.finish_new() }
}

/// `penguins` of `penguins`, `adult` of `data/adult.csv.gz`.
pub(crate) fn stem(source: &str) -> String {
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
        assert!(check(folder.path(), &[], true).is_err());
        assert!(check(&folder.path().join("missing/model"), &[], false).is_err());
        let file = folder.path().join("file");
        assert!(check(&file, &[], false).is_ok());
        std::fs::write(&file, "x").unwrap();
        assert!(
            check(&file, &[], false)
                .unwrap_err()
                .hint_text()
                .unwrap()
                .contains("--force")
        );
        assert!(check(&file, &[], true).is_ok());
    }
}
