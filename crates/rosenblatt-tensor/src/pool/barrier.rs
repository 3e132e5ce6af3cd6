//! The barrier of a run, and the count of those who have finished it.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use super::parker::{Parker, SpinLimit};

/// Set in [`State`] when the run has failed and no barrier can be met any more.
const BROKEN: u64 = 1 << 63;
/// One worker that has left the run.
const LEFT: u64 = 1 << 48;
/// The bits that count arrivals at barriers since the run began: enough for months of nothing else.
const ARRIVALS: u64 = LEFT - 1;

/// Why a worker cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// Another worker panicked.
    PeerPanicked,
    /// This worker waits at a barrier that another one has not got in its job, or the other way round.
    Uneven,
}

/// Where the workers of one run meet.
///
/// One word counts the arrivals at all barriers of the run and the departures from it, so each arrival and departure
/// learns about the others in the same instant, and a barrier costs each worker one atomic addition. A barrier can
/// only be met while no one has left, and no one leaves while others wait at a barrier: either would wait for ever,
/// and is reported instead.
#[derive(Debug)]
pub(super) struct Barrier {
    state: State,
    threads: u64,
    limit: SpinLimit,
    inside: Parker,
    outside: Parker,
}

/// On a cache line pair of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct State(AtomicU64);

impl Barrier {
    pub(super) fn new(threads: usize, limit: SpinLimit) -> Self {
        let threads = threads as u64;
        Self {
            state: State::default(),
            threads,
            limit,
            inside: Parker::default(),
            outside: Parker::default(),
        }
    }

    /// Prepares the next run. To be called while no worker is in one.
    pub(super) fn reset(&self) {
        self.state.0.store(0, SeqCst);
    }

    /// The barrier of a worker that has met at `met` barriers of this run before: returns when all have arrived.
    ///
    /// What a worker wrote before it, every worker reads after it.
    #[inline]
    pub(super) fn meet(&self, met: u64) -> Result<(), Broken> {
        let goal = (met + 1) * self.threads;
        let now = self.state.0.fetch_add(1, SeqCst) + 1;
        if now == goal {
            self.inside.wake();
            return Ok(());
        }
        if now > goal {
            return Err(self.refuse(now));
        }
        self.inside.wait(self.limit, || self.state.0.load(SeqCst) >= goal);
        // Arrivals in a broken run mean nothing: a job may catch the panic that should take it out, and arrive again.
        if self.state.0.load(SeqCst) & BROKEN != 0 {
            Err(Broken::PeerPanicked)
        } else {
            Ok(())
        }
    }

    /// An arrival after a departure. A broken run may be left at any moment; only in a sound one is it a mistake.
    #[cold]
    fn refuse(&self, state: u64) -> Broken {
        if state & BROKEN == 0 && self.break_up() {
            Broken::Uneven
        } else {
            Broken::PeerPanicked
        }
    }

    /// Sends everyone out of the run; true for the first who says so.
    pub(super) fn break_up(&self) -> bool {
        let before = self.state.0.fetch_or(BROKEN, SeqCst);
        self.inside.wake();
        before & BROKEN == 0
    }

    /// Leaves the run after `met` barriers. After this call the worker touches nothing that belongs to it.
    ///
    /// [`Broken::Uneven`], and still in the run, if others wait at a further barrier of a sound run.
    pub(super) fn leave(&self, met: u64) -> Result<(), Broken> {
        let goal = met * self.threads;
        let mut state = self.state.0.load(SeqCst);
        loop {
            let others_wait = state & ARRIVALS != goal;
            if others_wait && state & BROKEN == 0 && self.break_up() {
                return Err(Broken::Uneven);
            }
            match self.state.0.compare_exchange_weak(state, state + LEFT, SeqCst, SeqCst) {
                Ok(_) => break,
                Err(now) => state = now,
            }
        }
        self.outside.wake();
        Ok(())
    }

    /// Returns when all workers have left the run; true if it is whole.
    pub(super) fn wait_for_all(&self) -> bool {
        self.outside.wait(self.limit, || {
            (self.state.0.load(SeqCst) & !BROKEN) / LEFT == self.threads
        });
        self.state.0.load(SeqCst) & BROKEN == 0
    }
}
