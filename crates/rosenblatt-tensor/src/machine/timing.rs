//! How long the tasks of a program take.
//!
//! A run reports to an [`Observer`] where a thread is. The one of ordinary runs is empty, so that nothing of it is left in the
//! compiled code.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::input::Input;
use super::memory::VariableMemory;
use super::program::Program;
use super::workspace::Workspace;
use crate::pool::Pool;
use crate::{Isa, Result};

/// Sees a thread's way through a program.
pub(super) trait Observer: Sync {
    /// A thread begins.
    fn begins(&self, thread: usize);
    /// A thread has met the others before a task.
    fn has_met(&self, thread: usize, task: usize);
    /// A thread has done its share of a task.
    fn has_done(&self, thread: usize, task: usize);
}

/// Of ordinary runs: does nothing.
pub(super) struct Unwatched;

impl Observer for Unwatched {
    #[inline(always)]
    fn begins(&self, _: usize) {}

    #[inline(always)]
    fn has_met(&self, _: usize, _: usize) {}

    #[inline(always)]
    fn has_done(&self, _: usize, _: usize) {}
}

/// Seconds that the first thread has spent on one task, over all runs that were timed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TaskTime {
    /// On its share of the task.
    pub busy: f64,
    /// Waiting for the other threads before it.
    pub waiting: f64,
}

/// Times the first thread.
struct Stopwatch {
    start: Instant,
    /// Nanoseconds at the last look.
    last: AtomicU64,
    busy: Vec<AtomicU64>,
    waiting: Vec<AtomicU64>,
}

impl Stopwatch {
    fn new(tasks: usize) -> Self {
        let zeros = || (0..tasks).map(|_| AtomicU64::new(0)).collect();
        Self {
            start: Instant::now(),
            last: AtomicU64::new(0),
            busy: zeros(),
            waiting: zeros(),
        }
    }

    /// Nanoseconds since the last look.
    fn lap(&self) -> u64 {
        let now = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        now.saturating_sub(self.last.swap(now, Ordering::Relaxed))
    }
}

impl Observer for Stopwatch {
    fn begins(&self, thread: usize) {
        if thread == 0 {
            self.lap();
        }
    }

    fn has_met(&self, thread: usize, task: usize) {
        if thread == 0 {
            self.waiting[task].store(self.lap(), Ordering::Relaxed);
        }
    }

    fn has_done(&self, thread: usize, task: usize) {
        if thread == 0 {
            self.busy[task].store(self.lap(), Ordering::Relaxed);
        }
    }
}

impl Program {
    /// Runs the program once and adds how long the first thread took for each task; looking at the clock twice a task
    /// makes the run a little slower.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub fn run_timed<'a, I: Copy + Into<Input<'a>>>(
        &self,
        variables: &mut VariableMemory,
        workspace: &mut Workspace,
        pool: Option<&mut Pool>,
        isa: Isa,
        inputs: &[I],
        times: &mut [TaskTime],
    ) -> Result<bool> {
        let observer = Stopwatch::new(self.tasks());
        let done = self.run_observed(variables, workspace, pool, isa, inputs, &observer)?;
        let seconds = |nanoseconds: &AtomicU64| nanoseconds.load(Ordering::Relaxed) as f64 * 1e-9;
        for (time, (busy, waiting)) in times.iter_mut().zip(observer.busy.iter().zip(&observer.waiting)) {
            time.busy += seconds(busy);
            time.waiting += seconds(waiting);
        }
        Ok(done)
    }
}
