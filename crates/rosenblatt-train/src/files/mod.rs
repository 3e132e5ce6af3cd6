//! Files that are either old or new, never half.
//!
//! A file is written next to its place under a temporary name, flushed to the disk, renamed into its place, and the folder
//! is flushed. Whoever opens the name meets the old content or the new one, whenever the power fails.
//!
//! Everything the program saves goes through [`Disk`]: [`system`] in the program, a stand-in that fails at one call after
//! another in tests (`faults`, which only builds with the feature of that name have).

#[cfg(feature = "faults")]
pub mod faults;
mod unfinished;

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rosenblatt_tensor::{Error, Result};

pub use unfinished::remove_unfinished;
pub(crate) use unfinished::{forget, remember};

/// What saving needs of a file system; a stand-in may fail at any call.
pub trait Disk: Debug + Send + Sync {
    /// A folder, with those above it; nothing happens if it is there.
    ///
    /// # Errors
    /// The system refuses.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;

    /// A new empty file, in place of any of that name.
    ///
    /// # Errors
    /// The system refuses.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>>;

    /// A file whose first bytes stay and that is written after them; a new one if there is none.
    ///
    /// # Errors
    /// The system refuses.
    fn open_at(&self, path: &Path, length: u64) -> io::Result<Box<dyn Output>>;

    /// Gives a file another name, in place of any of that name, in one step.
    ///
    /// # Errors
    /// The system refuses.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Gives a file another name, unless there is a file of that name.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] if there is; the system refuses.
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()>;

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
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        let file = File::create(path)?;
        // Says that it is being written; where files cannot be locked, the number of the process says so.
        let _ = file.try_lock();
        Ok(Box::new(file))
    }

    fn open_at(&self, path: &Path, length: u64) -> io::Result<Box<dyn Output>> {
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.set_len(length)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Box::new(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        match fs::hard_link(from, to) {
            Ok(()) => fs::remove_file(from),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
            // A file system without hard links.
            Err(_) if !to.try_exists()? => fs::rename(from, to),
            Err(_) => Err(ErrorKind::AlreadyExists.into()),
        }
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

/// The file system this process saves on: that of the machine, unless a test build was asked to fail.
#[must_use]
pub fn system() -> Arc<dyn Disk> {
    #[cfg(feature = "faults")]
    if let Some(disk) = faults::FaultyDisk::of_this_process() {
        return Arc::new(disk);
    }
    Arc::new(RealDisk)
}

/// Writes a whole file, in place of any of that name, so that no reader ever meets a part of it.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Io`], with the file and what could not be done, if the system refuses; until the
/// rename has happened, the old file is intact.
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
    let mut draft = Draft::new(disk, path)?;
    draft.append(bytes)?;
    draft.finish()
}

/// As [`write()`], but a file of that name stays as it is.
///
/// # Errors
/// As [`write()`]; [`rosenblatt_tensor::ErrorKind::Io`] also if there is a file of that name.
pub fn write_new(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<()> {
    let mut draft = Draft::new(disk, path)?;
    draft.append(bytes)?;
    draft.finish_new()
}

/// A file in the making: it takes its place once it is complete, and leaves nothing behind if it never is.
pub struct Draft<'d> {
    disk: &'d dyn Disk,
    path: PathBuf,
    temporary: PathBuf,
    output: Option<Box<dyn Output>>,
    /// Whether the temporary name is still to be removed.
    unfinished: bool,
}

impl<'d> Draft<'d> {
    /// Begins a file under a temporary name.
    ///
    /// # Errors
    /// As [`write()`].
    pub fn new(disk: &'d dyn Disk, path: &Path) -> Result<Self> {
        remove_abandoned(disk, path);
        let temporary = temporary_name(path);
        remember(&temporary);
        let created = uninterrupted(|| disk.create(&temporary));
        let output = created.map_err(|error| {
            forget(&temporary);
            failed(path, "cannot be created next to its place", &error)
        })?;
        Ok(Self {
            disk,
            path: path.to_owned(),
            temporary,
            output: Some(output),
            unfinished: true,
        })
    }

    /// Writes what comes next.
    ///
    /// # Errors
    /// As [`write()`].
    pub fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let Some(output) = &mut self.output else {
            return Ok(());
        };
        // `write_all` repeats what a signal interrupted.
        output
            .write_all(bytes)
            .map_err(|error| failed(&self.path, "cannot be written", &error))
    }

    /// Puts the file into its place.
    ///
    /// # Errors
    /// As [`write()`].
    pub fn finish(self) -> Result<()> {
        self.put(|disk, from, to| disk.rename(from, to))
    }

    /// Puts the file into its place, unless there is a file.
    ///
    /// # Errors
    /// As [`write_new`].
    pub fn finish_new(self) -> Result<()> {
        self.put(|disk, from, to| disk.rename_new(from, to))
    }

    fn put(mut self, rename: impl Fn(&dyn Disk, &Path, &Path) -> io::Result<()>) -> Result<()> {
        if let Some(mut output) = self.output.take() {
            synced(&mut *output).map_err(|error| failed(&self.path, "cannot be flushed to the disk", &error))?;
        }
        uninterrupted(|| rename(self.disk, &self.temporary, &self.path)).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                let error = Error::io("was created by another program while this command ran");
                error.within(self.path.display().to_string())
            }
            _ => failed(&self.path, "is complete, but cannot be renamed into its place", &error),
        })?;
        self.unfinished = false;
        uninterrupted(|| self.disk.sync_folder(folder_of(&self.path)))
            .map_err(|error| failed(&self.path, "is in its place, but its folder cannot be flushed", &error))
    }
}

impl Write for Draft<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.output {
            Some(output) => output.write(bytes),
            None => Ok(bytes.len()),
        }
    }

    /// Nothing: a draft is flushed when it is finished.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        self.output = None;
        if self.unfinished {
            // What cannot be removed either stays; its name says that it is no finished file.
            let _ = uninterrupted(|| self.disk.remove(&self.temporary));
        }
        forget(&self.temporary);
    }
}

/// Makes a folder, with those above it, if it is not there.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Io`] with the folder.
pub(crate) fn create_folder(disk: &dyn Disk, folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    uninterrupted(|| disk.create_folder(folder))
        .and_then(|()| uninterrupted(|| disk.sync_folder(folder_of(folder))))
        .map_err(|error| failed(folder, "cannot be made", &error))
}

/// A file that is written after its first bytes; see [`Disk::open_at`].
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Io`] with the file.
pub(crate) fn continued(disk: &dyn Disk, path: &Path, length: u64) -> Result<Box<dyn Output>> {
    uninterrupted(|| disk.open_at(path, length)).map_err(|error| failed(path, "cannot be opened", &error))
}

/// Makes what was written durable.
pub(crate) fn synced(output: &mut dyn Output) -> io::Result<()> {
    uninterrupted(|| output.flush()).and_then(|()| uninterrupted(|| output.sync()))
}

/// Removes a file.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Io`] with the file.
pub(crate) fn remove(disk: &dyn Disk, path: &Path) -> Result<()> {
    uninterrupted(|| disk.remove(path)).map_err(|error| failed(path, "cannot be removed", &error))
}

/// The error of an output the system refuses: where, what could not be done, why, and what may help.
#[must_use]
pub fn failed(place: &Path, what: &str, error: &io::Error) -> Error {
    let failed = Error::io(format!("{what}: {error}")).within(place.display().to_string());
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            failed.hint("the disk is full: free some space, or choose a place on another disk")
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            failed.hint("choose a place that may be written to")
        }
        _ => failed,
    }
}

/// Repeats a call until no signal interrupts it.
fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Between a file's name and the number of the process that writes it. No one else names files so.
pub const DRAFT: &str = ".tmp-rosenblatt-";

/// `<name>.tmp-rosenblatt-<process>`, next to the file, so that the rename stays inside one file system.
fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!("{DRAFT}{}", std::process::id()));
    name.into()
}

/// Removes what killed processes have left next to a file: drafts under its temporary name.
fn remove_abandoned(disk: &dyn Disk, path: &Path) {
    let Some(name) = path.file_name() else { return };
    let prefix = name.to_string_lossy().into_owned() + DRAFT;
    for entry in fs::read_dir(folder_of(path)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let process = name
            .to_str()
            .and_then(|name| name.strip_prefix(&prefix)?.parse::<u32>().ok());
        if process.is_some_and(|process| !may_run(process)) && is_unlocked(&entry.path()) {
            let _ = disk.remove(&entry.path());
        }
    }
}

/// Whether a process runs, as far as one can see.
fn may_run(process: u32) -> bool {
    let all = Path::new("/proc");
    !all.join("self").exists() || all.join(process.to_string()).exists()
}

fn is_unlocked(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

/// Whether a name is that of a file that was never finished.
pub(crate) fn is_temporary(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().contains(DRAFT))
}

/// The folder a file lies in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
