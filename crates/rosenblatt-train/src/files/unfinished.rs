//! Files that nobody needs once this process has ended.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, TryLockError};

/// Drafts, and locks of folders with these folders.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// From now on a file is removed if the process ends on the spot; a folder only if nothing is in it.
pub(crate) fn remember(path: &Path) {
    if let Ok(mut all) = UNFINISHED.lock() {
        all.push(path.to_owned());
    }
}

/// A file that [`remember`] was told of is in its place, or gone.
pub(crate) fn forget(path: &Path) {
    if let Ok(mut all) = UNFINISHED.lock() {
        all.retain(|other| other != path);
    }
}

/// Removes drafts and locks of this process, which ends on the spot: nothing is dropped any more.
///
/// It waits for nothing, and allocates no memory unless names of files are long.
pub fn remove_unfinished() {
    let all = match UNFINISHED.try_lock() {
        Ok(all) => all,
        Err(TryLockError::Poisoned(all)) => all.into_inner(),
        Err(TryLockError::WouldBlock) => return,
    };
    for path in all.iter() {
        // What cannot be removed stays; the next process that writes there tries again.
        let _ = fs::remove_file(path).or_else(|_| fs::remove_dir(path));
    }
}
