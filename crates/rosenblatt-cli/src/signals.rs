//! Ctrl-C, SIGTERM and SIGHUP: the first asks, the second leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rosenblatt_tensor::Result;
use rosenblatt_train::Cancel;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;

/// Signals and the exit codes that tell of them.
const CODES: [(i32, u8); 3] = [(SIGHUP, 129), (SIGINT, 130), (SIGTERM, 143)];

/// Watches for signals.
///
/// While its flag is raised, a signal ends the process at once; a signal raises it. It begins raised, since before the
/// first step there is nothing to save.
pub(crate) struct Signals {
    raised: Arc<AtomicBool>,
    code: Arc<AtomicUsize>,
}

impl Signals {
    /// From now on signals end the process with their exit codes.
    ///
    /// # Errors
    /// The system refuses.
    pub(crate) fn catch(cancel: &Cancel) -> Result<Self> {
        let signals = Self {
            raised: cancel.flag(),
            code: Arc::default(),
        };
        signals.raised.store(true, Ordering::SeqCst);
        for (signal, code) in CODES.into_iter().filter(|(signal, _)| !is_ignored(*signal)) {
            // In this order: a signal that raises the flag must not find it raised by itself.
            flag::register_conditional_shutdown(signal, i32::from(code), Arc::clone(&signals.raised))?;
            flag::register_usize(signal, Arc::clone(&signals.code), usize::from(code))?;
            flag::register(signal, Arc::clone(&signals.raised))?;
        }
        Ok(signals)
    }

    /// From now on the first signal asks the run to stop, and the second ends the process.
    pub(crate) fn ask_first(&self) {
        self.raised.store(false, Ordering::SeqCst);
    }

    /// The exit code of the last signal.
    pub(crate) fn code(&self) -> u8 {
        u8::try_from(self.code.load(Ordering::SeqCst)).unwrap_or(1)
    }
}

/// From now on a file that grows beyond the limit of the process is an error of that write, instead of the end.
///
/// # Errors
/// The system refuses.
pub(crate) fn survive_file_limit() -> Result<()> {
    flag::register(SIGXFSZ, Arc::default())?;
    Ok(())
}

/// Whether whoever started this process wants it to ignore a signal, as `nohup` does. Only Linux says.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or(0) >> (signal - 1) & 1 == 1
}
