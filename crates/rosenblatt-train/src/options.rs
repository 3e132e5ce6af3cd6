//! How a run is carried out: what changes its speed or its safety, and not a bit of its result.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rosenblatt_autodiff::{Engine, Execution};
use rosenblatt_tensor::{Error, Isa, Result};

use crate::files::{self, Disk};
use crate::folder_lock::FolderLock;

/// Threads, instruction set, way to run, checkpoints. None of it is in a model file.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Instruction set of every loop.
    pub isa: Isa,
    /// Number of threads, at least 1.
    pub threads: usize,
    /// Whether a compiled plan runs on one thread where all are not faster: small steps, or a machine that is busy. This is found out on
    /// the way, and looked at again from time to time.
    pub adaptive: bool,
    /// Compiled plans, or graphs computed as they are built.
    pub execution: Execution,
    /// Where to save on the way, if anywhere.
    pub checkpoint: Option<CheckpointOptions>,
    /// Whether to go on from the last checkpoint.
    pub resume: bool,
    /// Asks the run to stop.
    pub cancel: Cancel,
}

impl Default for RunOptions {
    /// The best of this machine, without checkpoints.
    fn default() -> Self {
        Self {
            isa: Isa::detect(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            adaptive: true,
            execution: Execution::Static,
            checkpoint: None,
            resume: false,
            cancel: Cancel::default(),
        }
    }
}

impl RunOptions {
    /// Threads and instruction set.
    ///
    /// # Errors
    /// The CPU lacks the instruction set, or threads cannot be started.
    pub fn engine(&self) -> Result<Engine> {
        if self.threads == 0 {
            return Err(Error::config("expected at least 1, got 0").within("threads"));
        }
        let engine = Engine::new(self.isa, self.threads)?;
        Ok(if self.adaptive { engine.adaptive() } else { engine })
    }
}

/// Where and how often to save.
#[derive(Clone, Debug)]
pub struct CheckpointOptions {
    /// The folder of the generations.
    pub folder: PathBuf,
    /// How often, besides the ends of epochs.
    pub every: Every,
    /// The file system; tests put one here that fails.
    pub disk: Arc<dyn Disk>,
    /// The lock of the folder; without one, the run takes it.
    pub lock: Option<Arc<FolderLock>>,
}

impl CheckpointOptions {
    /// The same with the folder's lock.
    ///
    /// # Errors
    /// As [`FolderLock::take`].
    pub(crate) fn locked(mut self) -> Result<Self> {
        if self.lock.is_none() {
            self.lock = Some(Arc::new(FolderLock::take(&*self.disk, &self.folder)?));
        }
        Ok(self)
    }

    /// Besides the model, in `<model>.checkpoint`, every 30 seconds.
    #[must_use]
    pub fn next_to(model: &Path) -> Self {
        let mut folder = model.as_os_str().to_owned();
        folder.push(".checkpoint");
        Self {
            folder: folder.into(),
            every: Every::default(),
            disk: files::system(),
            lock: None,
        }
    }
}

/// How often something is saved.
///
/// # Example
/// ```
/// use rosenblatt_train::Every;
/// use std::time::Duration;
/// assert_eq!("30s".parse::<Every>()?, Every::Time(Duration::from_secs(30)));
/// assert_eq!("100".parse::<Every>()?, Every::Steps(100));
/// assert!("0".parse::<Every>().is_err());
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// After this many steps, at least 1.
    Steps(u64),
    /// After this time.
    Time(Duration),
}

impl Default for Every {
    fn default() -> Self {
        Self::Time(Duration::from_secs(30))
    }
}

impl FromStr for Every {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let expected = || Error::config(format!("expected seconds (`30s`) or a number of steps, got `{text}`"));
        match text.strip_suffix('s') {
            Some(seconds) => {
                let seconds = seconds
                    .trim()
                    .parse()
                    .ok()
                    .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                seconds.map(Self::Time).ok_or_else(expected)
            }
            None => text
                .parse()
                .ok()
                .filter(|&steps| steps >= 1)
                .map(Self::Steps)
                .ok_or_else(expected),
        }
    }
}

/// A flag that asks a run to stop: it finishes its step, saves, and returns
/// [`rosenblatt_tensor::ErrorKind::Cancelled`]. Clones are the same flag.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Raises the flag.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is raised.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for a signal handler.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}
