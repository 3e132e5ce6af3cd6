//! Waiting until something another thread does has happened.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::yield_now;
use std::time::{Duration, Instant};

/// How long a thread stays awake while it waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpinLimit {
    /// Looks at the condition with nothing but a pause between them.
    pub(super) spins: u32,
    /// Time after that in which the processor is offered to others between looks.
    pub(super) yielding: Duration,
}

/// A place to wait for a condition: spin, then yield, then sleep. Nothing here allocates.
#[derive(Debug, Default)]
pub(super) struct Parker {
    sleepers: AtomicUsize,
    lock: Mutex<()>,
    bell: Condvar,
}

impl Parker {
    /// Returns once `ready` does.
    ///
    /// `ready` must read atomics with sequential consistency, and whoever makes it true must call [`Parker::wake`] after.
    #[inline]
    pub(super) fn wait(&self, limit: SpinLimit, ready: impl Fn() -> bool) {
        for _ in 0..limit.spins {
            if ready() {
                return;
            }
            spin_loop();
        }
        self.wait_longer(limit.yielding, &ready);
    }

    #[cold]
    fn wait_longer(&self, yielding: Duration, ready: &dyn Fn() -> bool) {
        let start = Instant::now();
        while start.elapsed() < yielding {
            yield_now();
            if ready() {
                return;
            }
        }
        self.sleep(ready);
    }

    /// A sleeper announces itself before it looks for the last time, and [`Parker::wake`] looks for sleepers after the
    /// condition came true. All four accesses are sequentially consistent, so at least one of the two sees the other:
    /// no call for waking is lost.
    fn sleep(&self, ready: &dyn Fn() -> bool) {
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.sleepers.fetch_add(1, SeqCst);
        while !ready() {
            guard = self.bell.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        self.sleepers.fetch_sub(1, SeqCst);
    }

    /// Wakes all who sleep here, to look again.
    #[inline]
    pub(super) fn wake(&self) {
        if self.sleepers.load(SeqCst) > 0 {
            self.ring();
        }
    }

    #[cold]
    fn ring(&self) {
        // A sleeper holds the lock from its last look until it sleeps: taking the lock waits for that.
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
        self.bell.notify_all();
    }
}
