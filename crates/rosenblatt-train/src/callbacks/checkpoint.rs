//! Saves on the way.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rosenblatt_tensor::Result;

use super::Callback;
use crate::Warning;
use crate::checkpoint::Folder;
use crate::model::Run;
use crate::options::{CheckpointOptions, Every};

/// Of the time of a run, at most one part in this many is spent on saving at the ends of epochs.
const SHARE: u32 = 20;

/// A run this short is over before anyone would set another interval.
const SHORT: Duration = Duration::from_secs(5);

/// Saves the run at intervals, at the ends of epochs, and when it is asked to stop.
///
/// A run whose epochs are much shorter than a save does not save after each of them: at most a twentieth of its time goes
/// into that. The intervals that were asked for are always kept.
#[derive(Debug)]
pub struct Checkpoint {
    folder: Folder,
    every: Every,
    started: Instant,
    saved: Instant,
    /// Time spent on saving.
    spent: Duration,
    /// Whether the user was warned that this is most of the time.
    warned: bool,
}

impl Checkpoint {
    /// Its name: file, registry.
    pub const NAME: &'static str = "checkpoint";

    /// Saves where and as often as the options say.
    #[must_use]
    pub fn new(options: &CheckpointOptions) -> Self {
        let now = Instant::now();
        Self {
            folder: Folder::new(options),
            every: options.every,
            started: now,
            saved: now,
            spent: Duration::ZERO,
            warned: false,
        }
    }

    fn save(&mut self, run: &mut Run<'_>) -> Result<()> {
        let start = Instant::now();
        let step = run.step();
        run.snapshot()
            .and_then(|container| self.folder.save(&container, step))
            .map_err(|error| error.within(format!("step {step}")))?;
        self.saved = Instant::now();
        self.spent += self.saved - start;
        if !self.warned && dominates(self.spent, self.started.elapsed()) {
            self.warned = true;
            run.warn(Warning::CheckpointsSlow);
        }
        Ok(())
    }

    fn is_due(&self, step: u64) -> bool {
        match self.every {
            Every::Steps(steps) => step.is_multiple_of(steps),
            Every::Time(time) => self.saved.elapsed() >= time,
        }
    }
}

impl Callback for Checkpoint {
    fn after_step(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        if self.is_due(run.step()) {
            self.save(run)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        if self.is_due(run.step()) || self.spent * SHARE <= self.started.elapsed() {
            self.save(run)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn at_cancel(&mut self, run: &mut Run<'_>) -> Result<Option<PathBuf>> {
        self.save(run)?;
        Ok(Some(self.folder.path().to_owned()))
    }
}

/// Whether saving takes most of the time of a run that takes a while.
const fn dominates(spent: Duration, elapsed: Duration) -> bool {
    elapsed.as_nanos() >= SHORT.as_nanos() && spent.as_nanos() * 2 > elapsed.as_nanos()
}

// More than half of a longer run is much.
const _: () = {
    const fn of(spent: u64, elapsed: u64) -> bool {
        dominates(Duration::from_millis(spent), Duration::from_millis(elapsed))
    }
    assert!(of(2_501, 5_000) && of(5_999, 6_000));
    assert!(!of(2_500, 5_000) && !of(4_999, 4_999) && !of(10, 60_000));
};
