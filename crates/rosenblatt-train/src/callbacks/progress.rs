//! Showing how a run goes on.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use rosenblatt_tensor::Result;

use super::Callback;
use crate::Warning;
use crate::model::{Record, Run};

/// The time between two looks at the steps of an epoch.
const INTERVAL: Duration = Duration::from_millis(100);

/// Shows how a run goes on: a bar on a terminal, lines in a log, a page.
pub trait Observer: Send {
    /// Before the first step: something that changes the result, or may. Later: what makes the run slow.
    fn warning(&mut self, warning: &Warning) {
        let _ = warning;
    }

    /// Before the first step of a run that was resumed after `step`.
    fn resumed(&mut self, step: u64) {
        let _ = step;
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

/// Calls an observer during the run.
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
        run.warnings().iter().for_each(|warning| self.observer.warning(warning));
        run.resumed().into_iter().for_each(|step| self.observer.resumed(step));
        Ok(())
    }

    fn after_step(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        run.take_pending_warnings()
            .iter()
            .for_each(|warning| self.observer.warning(warning));
        if self.shown.elapsed() >= INTERVAL {
            self.observer.step(run);
            self.shown = Instant::now();
        }
        Ok(ControlFlow::Continue(()))
    }

    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        run.take_pending_warnings()
            .iter()
            .for_each(|warning| self.observer.warning(warning));
        if let Some(epoch) = run.history().last() {
            self.observer.epoch(epoch, run);
        }
        Ok(ControlFlow::Continue(()))
    }
}
