//! A file system that fails on demand, for tests.
//!
//! Only builds with the feature `faults` have it; tests turn the feature on, releases never have it. A whole program of
//! such a build obeys two variables: [`FAULT`] says what fails at which call, and [`LOG`] names a file that gets a line
//! for every call.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{Disk, Output, RealDisk};

/// The variable that says what fails: `full@7` at call 7, counted from 0; `full@7+` there and at all calls after it.
pub const FAULT: &str = "ROSENBLATT_FAULT";
/// The variable that names the file for the log of calls.
pub const LOG: &str = "ROSENBLATT_FAULT_LOG";

/// The most bytes one call of `write` takes, so that a file needs several.
const PIECE: usize = 4096;

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The disk is full; only removing still works.
    Full,
    /// A write takes half of its bytes, and then the disk is full. Other calls work.
    Short,
    /// The device fails.
    Device,
    /// The system does not allow it.
    Denied,
    /// A signal interrupts the call, once.
    Interrupted,
}

/// Every fault with its name.
pub const FAULTS: [(&str, Fault); 5] = [
    ("full", Fault::Full),
    ("short", Fault::Short),
    ("device", Fault::Device),
    ("denied", Fault::Denied),
    ("interrupted", Fault::Interrupted),
];

/// Which call fails, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What goes wrong.
    pub fault: Fault,
    /// The call, counted from 0.
    pub at: usize,
    /// Whether all calls after it fail too.
    pub from_then_on: bool,
}

impl FromStr for Plan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected a fault such as `full@7` or `full@7+`, got `{text}`");
        let (name, at) = text.split_once('@').ok_or_else(wrong)?;
        let fault = FAULTS.iter().find(|(known, _)| *known == name).ok_or_else(wrong)?.1;
        let (number, from_then_on) = at.strip_suffix('+').map_or((at, false), |number| (number, true));
        Ok(Self {
            fault,
            at: number.parse().map_err(|_| wrong())?,
            // An interruption without an end would be a program without one.
            from_then_on: from_then_on && fault != Fault::Interrupted,
        })
    }
}

/// One call that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `create_folder`, `create`, `open_at`, `write`, `flush`, `sync`, `rename`, `remove` or `sync_folder`.
    pub operation: String,
    /// The file or folder; of a rename the new name.
    pub path: PathBuf,
    /// Whether it was made to fail.
    pub failed: bool,
}

impl Call {
    /// The calls of a log file, in order.
    #[must_use]
    pub fn parse(log: &str) -> Vec<Self> {
        let call = |line: &str| {
            let [operation, failed, path] = line.splitn(3, ' ').collect::<Vec<_>>().try_into().ok()?;
            Some(Self {
                operation: operation.to_owned(),
                path: path.into(),
                failed: failed == "failed",
            })
        };
        log.lines().filter_map(call).collect()
    }
}

/// The machine's file system with one plan for its failure. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct FaultyDisk {
    plan: Option<Plan>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    calls: Mutex<Vec<Call>>,
    log: Option<PathBuf>,
    /// A short write has happened.
    full: AtomicBool,
}

impl FaultyDisk {
    /// Fails as planned; without a plan it only counts.
    #[must_use]
    pub fn new(plan: Option<Plan>) -> Self {
        Self {
            plan,
            shared: Arc::default(),
        }
    }

    /// What the variables ask for, the same disk at every call; nothing if they ask for nothing.
    ///
    /// # Panics
    /// If [`FAULT`] is no plan: a test that fails nothing must not pass.
    #[must_use]
    pub fn of_this_process() -> Option<Self> {
        static DISK: OnceLock<Option<FaultyDisk>> = OnceLock::new();
        let read = || {
            let (plan, log) = (std::env::var(FAULT).ok(), std::env::var_os(LOG));
            let plan = plan.map(|text| text.parse().unwrap_or_else(|error| panic!("{FAULT}: {error}")));
            (plan.is_some() || log.is_some()).then(|| Self {
                plan,
                shared: Arc::new(Shared {
                    log: log.map(PathBuf::from),
                    ..Shared::default()
                }),
            })
        };
        DISK.get_or_init(read).clone()
    }

    /// The calls so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts a call, and says how it fails, if it does.
    fn count(&self, operation: &str, path: &Path) -> Option<Fault> {
        let mut calls = self.shared.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let number = calls.len();
        let fault = self.plan.filter(|plan| {
            let applies = match plan.fault {
                Fault::Full => operation != "remove",
                Fault::Short => operation == "write",
                Fault::Device | Fault::Denied | Fault::Interrupted => true,
            };
            applies && (number == plan.at || plan.from_then_on && number > plan.at)
        });
        let call = Call {
            operation: operation.to_owned(),
            path: path.to_owned(),
            failed: fault.is_some(),
        };
        self.write_down(&call);
        calls.push(call);
        fault.map(|plan| plan.fault)
    }

    fn write_down(&self, call: &Call) {
        let Some(path) = &self.shared.log else { return };
        let outcome = if call.failed { "failed" } else { "done" };
        let line = format!("{} {outcome} {}\n", call.operation, call.path.display());
        let log = OpenOptions::new().create(true).append(true).open(path);
        let written = log.and_then(|mut log| log.write_all(line.as_bytes()));
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    fn call(&self, operation: &str, path: &Path) -> io::Result<()> {
        self.count(operation, path).map_or(Ok(()), |fault| Err(error_of(fault)))
    }
}

fn error_of(fault: Fault) -> io::Error {
    match fault {
        Fault::Full | Fault::Short => ErrorKind::StorageFull.into(),
        Fault::Device => io::Error::other("input/output error"),
        Fault::Denied => ErrorKind::PermissionDenied.into(),
        Fault::Interrupted => ErrorKind::Interrupted.into(),
    }
}

impl Disk for FaultyDisk {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        self.call("create_folder", folder)?;
        RealDisk.create_folder(folder)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        self.call("create", path)?;
        Ok(Box::new(FaultyOutput {
            disk: self.clone(),
            path: path.to_owned(),
            output: RealDisk.create(path)?,
        }))
    }

    fn open_at(&self, path: &Path, length: u64) -> io::Result<Box<dyn Output>> {
        self.call("open_at", path)?;
        Ok(Box::new(FaultyOutput {
            disk: self.clone(),
            path: path.to_owned(),
            output: RealDisk.open_at(path, length)?,
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call("rename", to)?;
        RealDisk.rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call("rename", to)?;
        RealDisk.rename_new(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call("remove", path)?;
        RealDisk.remove(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.call("sync_folder", folder)?;
        RealDisk.sync_folder(folder)
    }
}

struct FaultyOutput {
    disk: FaultyDisk,
    path: PathBuf,
    output: Box<dyn Output>,
}

impl Write for FaultyOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.disk.shared.full.swap(false, Ordering::Relaxed) {
            return Err(error_of(Fault::Full));
        }
        let taken = match self.disk.count("write", &self.path) {
            Some(Fault::Short) => {
                self.disk.shared.full.store(true, Ordering::Relaxed);
                bytes.len().min(PIECE).div_ceil(2)
            }
            Some(fault) => return Err(error_of(fault)),
            None => bytes.len().min(PIECE),
        };
        self.output.write_all(&bytes[..taken])?;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.disk.shared.full.swap(false, Ordering::Relaxed) {
            return Err(error_of(Fault::Full));
        }
        self.disk.call("flush", &self.path)?;
        self.output.flush()
    }
}

impl Output for FaultyOutput {
    fn sync(&mut self) -> io::Result<()> {
        self.disk.call("sync", &self.path)?;
        self.output.sync()
    }
}
