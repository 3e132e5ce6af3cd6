//! Files that are either old or new, never half.
//!
//! A file is written beside its place under a temporary name, flushed to the disk, renamed into its place, and the folder
//! is flushed. Whoever opens the name meets the old content or the new one, whenever the power fails.

use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rosenblatt_tensor::{Error, Result};

/// What saving needs of a file system; a stand-in may fail at any call.
pub trait Disk: Debug + Send + Sync {
    /// A new empty file, in place of any of that name.
    ///
    /// # Errors
    /// The system refuses.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>>;

    /// Gives a file another name, in place of any of that name, in one step.
    ///
    /// # Errors
    /// The system refuses.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// The system refuses.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes renames in a folder durable.
    ///
    /// # Errors
    /// The system refuses.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// A file being written.
pub trait Output: Write {
    /// Makes what was written durable.
    ///
    /// # Errors
    /// The system refuses.
    fn sync(&mut self) -> io::Result<()>;
}

/// The file system of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        Ok(Box::new(File::create(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        // Only Unix opens folders as files; elsewhere a rename is as durable as the system makes it.
        if cfg!(unix) {
            File::open(folder)?.sync_all()
        } else {
            Ok(())
        }
    }
}

impl Output for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// Writes a whole file, in place of any of that name, so that no reader ever meets a part of it.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Io`] if the system refuses; until the rename has happened, the old file is intact.
///
/// # Example
/// ```
/// use rosenblatt_train::files::{RealDisk, write};
/// let folder = std::env::temp_dir().join(format!("rosenblatt-files-{}", std::process::id()));
/// std::fs::create_dir_all(&folder)?;
/// write(&RealDisk, &folder.join("numbers"), b"1 2 3")?;
/// assert_eq!(std::fs::read(folder.join("numbers"))?, b"1 2 3");
/// std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = temporary_name(path);
    let result = write_through(disk, &temporary, path, bytes);
    if result.is_err() {
        // What cannot be removed either stays; its name says that it is no finished file.
        let _ = disk.remove(&temporary);
    }
    result.map_err(|error| Error::io(format!("cannot be written: {error}")).within(path.display().to_string()))
}

fn write_through(disk: &dyn Disk, temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut output = disk.create(temporary)?;
    output.write_all(bytes)?;
    output.flush()?;
    output.sync()?;
    drop(output);
    disk.rename(temporary, path)?;
    disk.sync_folder(folder_of(path))
}

/// `<name>.tmp-<process>`, beside the file, so that the rename stays inside one file system.
fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".tmp-{}", std::process::id()));
    name.into()
}

/// Whether a name is that of a file that was never finished.
pub(crate) fn is_temporary(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().contains(".tmp-"))
}

/// The folder a file lies in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
