//! Showing how a run goes on.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use rosenblatt_tensor::Result;

use super::Callback;
use crate::model::{Record, Run};

/// The time between two looks at the steps of an epoch.
const INTERVAL: Duration = Duration::from_millis(100);

/// Shows how a run goes on: a bar on a terminal, lines in a log, a page.
pub trait Observer: Send {
    /// What the user should know, one sentence.
    fn warning(&mut self, warning: &str) {
        let _ = warning;
    }

    /// Somewhere in an epoch, at most ten times a second.
    fn step(&mut self, run: &Run<'_>) {
        let _ = run;
    }

    /// After an epoch.
    fn epoch(&mut self, epoch: &Record, run: &Run<'_>) {
        let _ = (epoch, run);
    }
}

/// Tells an observer about the run.
pub struct Progress<'o> {
    observer: &'o mut dyn Observer,
    shown: Instant,
}

impl<'o> Progress<'o> {
    /// Its name: file, registry.
    pub const NAME: &'static str = "progress";

    /// For this observer.
    pub fn new(observer: &'o mut dyn Observer) -> Self {
        Self {
            observer,
            shown: Instant::now(),
        }
    }
}

impl Callback for Progress<'_> {
    fn at_start(&mut self, run: &mut Run<'_>) -> Result<()> {
        run.take_warnings()
            .iter()
            .for_each(|warning| self.observer.warning(warning));
        Ok(())
    }

    fn after_step(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        if self.shown.elapsed() >= INTERVAL {
            self.observer.step(run);
            self.shown = Instant::now();
        }
        Ok(ControlFlow::Continue(()))
    }

    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        if let Some(epoch) = run.history().last() {
            self.observer.epoch(epoch, run);
        }
        Ok(ControlFlow::Continue(()))
    }
}
