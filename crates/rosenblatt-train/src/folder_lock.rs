//! The lock of a checkpoint folder: one run at a time saves there.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rosenblatt_tensor::{Error, Result};

use crate::checkpoint::generations;
use crate::files::{self, Disk};

/// The name of the locked file; it holds the number of the process.
const NAME: &str = "lock";
/// How often a folder is made again that others remove.
const ATTEMPTS: usize = 1000;

/// A checkpoint folder that belongs to this process until the value is dropped, or the process ends.
///
/// Where the file system has no locks, nothing keeps runs apart. The folder is made if need be. What is dropped leaves no lock behind, and no folder that holds nothing else.
#[derive(Debug)]
pub struct FolderLock {
    folder: PathBuf,
    /// Nothing once it is released.
    file: Mutex<Option<File>>,
}

impl FolderLock {
    /// Locks a folder.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if another run has it, with the number of its process, or if a file is in
    /// the way; [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be made.
    pub fn take(disk: &dyn Disk, folder: &Path) -> Result<Self> {
        Self::try_take(disk, folder)?.map_err(|process| {
            let process = process.map_or(String::new(), |process| format!(" (process {process})"));
            Error::config(format!("another run{process} saves its checkpoints here"))
                .within(folder.display().to_string())
                .hint("wait until it has ended, or choose another output")
        })
    }

    /// Locks a folder; if another run has it, the number of that run's process, if it is known.
    ///
    /// # Errors
    /// As [`FolderLock::take`].
    pub fn try_take(disk: &dyn Disk, folder: &Path) -> Result<std::result::Result<Self, Option<u32>>> {
        let failed = |error: &std::io::Error| files::failed(folder, "cannot be locked", error);
        if folder.exists() && !folder.is_dir() {
            let error = Error::config("is a file, expected a folder for checkpoints");
            return Err(error.within(folder.display().to_string()));
        }
        let path = folder.join(NAME);
        for _ in 0..ATTEMPTS {
            files::create_folder(disk, folder)?;
            let options = &mut OpenOptions::new();
            let opened = options.read(true).write(true).create(true).truncate(false).open(&path);
            let mut file = match opened {
                // Whoever had the folder removed it in between.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                opened => opened.map_err(|error| failed(&error))?,
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut process = String::new();
                    let _ = file.read_to_string(&mut process);
                    return Ok(Err(process.trim().parse().ok()));
                }
                Err(TryLockError::Error(error)) if cannot_lock(&error) => {}
                Err(TryLockError::Error(error)) => return Err(failed(&error)),
            }
            // The file may have lost its name since it was opened; then its lock says nothing.
            if !is_named(&file, &path) {
                continue;
            }
            let written = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
            written.map_err(|error| failed(&error))?;
            files::remember(&path);
            files::remember(folder);
            return Ok(Ok(Self {
                folder: folder.to_owned(),
                file: Mutex::new(Some(file)),
            }));
        }
        let path = path.display();
        Err(Error::io(format!("`{path}` cannot be opened")).within(folder.display().to_string()))
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Gives the folder up; it goes if nothing else is in it.
    pub(crate) fn release(&self) {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner).take();
        if file.is_some() {
            // The name goes while the lock is held: whoever opened it before finds that out.
            let path = self.folder.join(NAME);
            let _ = fs::remove_file(&path);
            files::forget(&path);
            files::forget(&self.folder);
            let _ = fs::remove_dir(&self.folder);
        }
    }

    /// Whether checkpoints of an unfinished run are in it.
    #[must_use]
    pub fn has_checkpoints(&self) -> bool {
        !generations(&self.folder).is_empty()
    }
}

/// Whether the file system has no locks: then runs are not kept apart, and each can still train.
fn cannot_lock(error: &std::io::Error) -> bool {
    const ENOLCK: i32 = 37;
    error.kind() == std::io::ErrorKind::Unsupported || cfg!(target_os = "linux") && error.raw_os_error() == Some(ENOLCK)
}

/// Whether a path still leads to an open file.
fn is_named(file: &File, path: &Path) -> bool {
    let open = file.try_clone().and_then(same_file::Handle::from_file);
    open.is_ok_and(|open| same_file::Handle::from_path(path).is_ok_and(|named| named == open))
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        self.release();
    }
}
