//! What a job sees of the pool.

use std::cell::Cell;
use std::fmt;
use std::ops::Range;
use std::panic::resume_unwind;

use super::Shared;
use super::barrier::Broken;

/// What a run with uneven barriers panics with.
pub(super) const UNEVEN: &str = "a worker left a job before a barrier at which others wait";

/// The panic that takes a worker out of a run which another worker has broken. Never seen outside the pool.
pub(super) struct PeerPanicked;

/// One thread's view of a run.
///
/// It stays on its thread and ends with the job.
pub struct Worker<'a> {
    pub(super) index: usize,
    pub(super) shared: &'a Shared,
    /// Barriers met in this run. A cell keeps the worker on its thread, as a barrier that counts calls demands.
    pub(super) met: &'a Cell<u64>,
}

impl Worker<'_> {
    /// Which of the [`Worker::threads`] this is, from 0, the caller of [`Pool::run`](super::Pool::run).
    pub fn index(&self) -> usize {
        self.index
    }

    /// Number of threads that run the job.
    pub fn threads(&self) -> usize {
        self.shared.threads
    }

    /// Waits until every worker of the run has called this as often.
    ///
    /// What any of them wrote before, all read after.
    ///
    /// # Panics
    /// If another worker panicked, to leave the job with it: the caller of [`Pool::run`](super::Pool::run) sees the
    /// first panic alone. Or if another worker finished the job with fewer barriers.
    #[inline]
    pub fn barrier(&self) {
        match self.shared.barrier.meet(self.met.get()) {
            Ok(()) => self.met.set(self.met.get() + 1),
            Err(broken) => leave_job(broken),
        }
    }

    /// This worker's part of `0..items`: contiguous, in the order of the workers, sizes differing by at most 1.
    ///
    /// # Example
    /// ```
    /// # let mut pool = rosenblatt_tensor::pool::Pool::new(3)?;
    /// pool.run(&|worker| assert_eq!(worker.share(8), [0..3, 3..6, 6..8][worker.index()]));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn share(&self, items: usize) -> Range<usize> {
        let (each, more) = (items / self.threads(), items % self.threads());
        let start = |index: usize| index * each + index.min(more);
        start(self.index)..start(self.index + 1)
    }
}

impl fmt::Debug for Worker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Worker {} of {}", self.index, self.threads())
    }
}

/// Leaves the job by unwinding; quietly, if the panic that matters is another worker's.
#[cold]
fn leave_job(broken: Broken) -> ! {
    match broken {
        Broken::PeerPanicked => resume_unwind(Box::new(PeerPanicked)),
        Broken::Uneven => panic!("{UNEVEN}"),
    }
}
