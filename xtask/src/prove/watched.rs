//! A training run seen from outside: its checkpoints as they appear, and its end by a signal.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::program::{Program, checkpoint_folder};
use crate::shell::{self, Outcome};

/// One version of one file: its name, inode and time of change in nanoseconds.
type Version = (PathBuf, u64, i64);

/// A child that trains.
pub struct Watched {
    child: Child,
    folder: PathBuf,
    started: Instant,
}

/// What an entry of the checkpoint folder is.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// A complete generation.
    Whole,
    /// A save between its first write and its rename.
    Partial,
}

impl Watched {
    /// Starts `train ARGUMENTS -o MODEL`.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(program: &Program, arguments: &str, model: &Path) -> Outcome<Self> {
        let child = program.start_training(arguments, model)?;
        Ok(Self {
            child,
            folder: checkpoint_folder(model),
            started: Instant::now(),
        })
    }

    /// Waits until a file of this kind appears that `before` does not hold; false if the run ended first.
    ///
    /// # Errors
    /// If the child cannot be asked.
    pub fn wait_for(&mut self, kind: Kind, before: &BTreeSet<Version>) -> Outcome<bool> {
        // The child is asked rarely: the folder is what must be seen at once.
        for turn in 1_u64.. {
            if versions(&self.folder, kind)
                .iter()
                .any(|version| !before.contains(version))
            {
                return Ok(true);
            }
            if turn.is_multiple_of(64) && self.child.try_wait()?.is_some() {
                return Ok(false);
            }
        }
        Ok(false)
    }

    /// Waits until this long after the start; false if the run ended first.
    ///
    /// # Errors
    /// If the child cannot be asked.
    pub fn wait_until(&mut self, moment: Duration) -> Outcome<bool> {
        while self.started.elapsed() < moment {
            if self.child.try_wait()?.is_some() {
                return Ok(false);
            }
            sleep(Duration::from_millis(1).min(moment.saturating_sub(self.started.elapsed())));
        }
        Ok(self.child.try_wait()?.is_none())
    }

    /// SIGKILL, at once. False if the run had already ended.
    ///
    /// # Errors
    /// If the child cannot be waited for.
    pub fn kill(mut self) -> Outcome<bool> {
        use std::os::unix::process::ExitStatusExt;
        const SIGKILL: i32 = 9;
        self.child.kill()?;
        Ok(self.child.wait()?.signal() == Some(SIGKILL))
    }

    /// SIGTERM, then waits for the end.
    ///
    /// # Errors
    /// If the signal cannot be sent or the child not waited for.
    pub fn terminate(mut self) -> Outcome<ExitStatus> {
        shell::run(Command::new("kill").arg("-TERM").arg(self.child.id().to_string()))?;
        Ok(self.child.wait()?)
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it is still running.
    ///
    /// # Errors
    /// If the child cannot be asked.
    pub fn is_running(&mut self) -> Outcome<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// If the child cannot be waited for.
    pub fn finish(mut self) -> Outcome<ExitStatus> {
        Ok(self.child.wait()?)
    }
}

/// The files of one kind in a checkpoint folder. A file that vanishes while one looks is not there.
pub fn versions(folder: &Path, kind: Kind) -> BTreeSet<Version> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let wanted = entries.filter(|entry| kind_of(&entry.path()) == Some(kind));
    wanted
        .filter_map(|entry| {
            let about = fs::metadata(entry.path()).ok()?;
            Some((
                entry.path(),
                about.ino(),
                about.mtime() * 1_000_000_000 + about.mtime_nsec(),
            ))
        })
        .collect()
}

/// Nothing for files that are no generations.
fn kind_of(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_string_lossy();
    match name.starts_with("step-") {
        true if name.contains(".tmp") => Some(Kind::Partial),
        true => Some(Kind::Whole),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Kind, versions};
    use crate::shell::Scratch;

    #[test]
    fn a_rewritten_file_is_another_version() {
        let scratch = Scratch::new("watched").unwrap();
        assert!(versions(&scratch.join("missing"), Kind::Whole).is_empty());
        fs::write(scratch.join("step-1.tmp1"), "x").unwrap();
        fs::write(scratch.join("step-1"), "x").unwrap();
        let first = versions(scratch.folder(), Kind::Partial);
        assert_eq!((first.len(), versions(scratch.folder(), Kind::Whole).len()), (1, 1));
        fs::write(scratch.join("b"), "y").unwrap();
        fs::rename(scratch.join("b"), scratch.join("step-1.tmp1")).unwrap();
        assert_ne!(first, versions(scratch.folder(), Kind::Partial));
    }
}
