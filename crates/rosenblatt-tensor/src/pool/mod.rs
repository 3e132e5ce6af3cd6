//! The threads that run a plan: one job, all threads, barriers between its phases.
//!
//! A [`Pool`] keeps its threads for as long as it lives. [`Pool::run`] gives all of them the same job; each finds out
//! from its [`Worker`] which part is its own, and [`Worker::barrier`] separates phases of which one reads what another
//! wrote. Between runs, and at barriers, threads stay awake for some microseconds and then sleep. Running a job and
//! meeting at a barrier allocate nothing.
//!
//! A panic in a job reaches the caller of `run`; the other workers leave at their next barrier, and the pool can be
//! used again. Workers that disagree about the number of barriers end in a panic as well, never in a standstill.
//!
//! `worker.rs` is what a job sees, `barrier.rs` the barrier and the end of a run, `parker.rs` how to wait.

mod barrier;
mod parker;
mod worker;

use std::any::Any;
use std::cell::{Cell, UnsafeCell};
use std::fmt;
use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use barrier::Barrier;
use parker::{Parker, SpinLimit};
use worker::{PeerPanicked, UNEVEN};

pub use worker::Worker;

/// Most threads a pool may have.
pub const MAX_THREADS: usize = 1024;

/// What a run gives to every thread.
type JobFn<'a> = dyn Fn(Worker<'_>) + Sync + 'a;

/// A fixed number of threads that run one job at a time, together.
///
/// The calling thread is worker 0 of every run; the others belong to the pool and end when it is dropped.
///
/// # Example
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use rosenblatt_tensor::pool::Pool;
///
/// let mut pool = Pool::new(2)?;
/// let (parts, total) = ([const { AtomicU64::new(0) }; 2], AtomicU64::new(0));
/// pool.run(&|worker| {
///     let part = worker.share(1000).map(|i| i as u64).sum();
///     parts[worker.index()].store(part, Ordering::Relaxed);
///     worker.barrier();
///     if worker.index() == 0 {
///         total.store(parts.iter().map(|part| part.load(Ordering::Relaxed)).sum(), Ordering::Relaxed);
///     }
/// });
/// assert_eq!(total.into_inner(), 499_500);
/// assert_eq!(pool.barriers(), 1);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// A job cannot use the pool that runs it; `run` has it borrowed:
/// ```compile_fail,E0499
/// # let mut pool = rosenblatt_tensor::pool::Pool::new(2).unwrap();
/// let inner = std::sync::Mutex::new(&mut pool);
/// pool.run(&|_| inner.lock().unwrap().run(&|_| ()));
/// ```
pub struct Pool {
    shared: Arc<Shared>,
    handles: Vec<JoinHandle<()>>,
    barriers: u64,
    is_adaptive: bool,
}

/// What the threads of a pool have in common.
struct Shared {
    job: Job,
    barrier: Barrier,
    /// Where workers wait between runs.
    idle: Parker,
    idle_limit: SpinLimit,
    threads: usize,
    /// What the first worker to panic in this run panicked with.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

/// What the workers are to do, on a cache line pair of its own.
#[repr(align(128))]
struct Job {
    /// Runs started, plus one at the end: workers who have seen fewer have something to do.
    number: AtomicU64,
    /// Whether the thing to do is to end.
    end: AtomicBool,
    work: UnsafeCell<Option<*const JobFn<'static>>>,
}

// SAFETY: `work` is the only part that is not `Send` and `Sync` by itself, and what it points to is `Sync`. It is
// written only by the owner of the `Pool` in `run`, which borrows it for writing, while no worker is in a run; workers
// read it only after they have seen the `number` stored after that write, and before they leave that run.
unsafe impl Sync for Job {}
// SAFETY: as above; nothing in it belongs to a thread.
unsafe impl Send for Job {}

impl Pool {
    /// Starts a pool of `threads` threads, the caller's included: `1..=`[`MAX_THREADS`].
    ///
    /// More threads than processors are slow, never wrong.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] if `threads` is out of range; whatever the system says if it cannot start one.
    pub fn new(threads: usize) -> io::Result<Self> {
        if !(1..=MAX_THREADS).contains(&threads) {
            let text = format!("expected 1 to {MAX_THREADS} threads, got {threads}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let mut pool = Self {
            shared: Arc::new(Shared::new(threads, processors)),
            handles: Vec::new(),
            barriers: 0,
            is_adaptive: false,
        };
        for index in 1..threads {
            let shared = Arc::clone(&pool.shared);
            // On an error the threads started so far end as `pool` is dropped.
            let thread = thread::Builder::new().name(format!("rosenblatt-{index}"));
            pool.handles.push(thread.spawn(move || shared.serve(index))?);
        }
        Ok(pool)
    }

    /// Number of threads, the caller's included.
    pub fn threads(&self) -> usize {
        self.shared.threads
    }

    /// The same for programs that run on one thread where all are not faster, as found out on the way: with the same bits.
    #[must_use]
    pub fn adaptive(mut self) -> Self {
        self.is_adaptive = true;
        self
    }

    /// Whether programs may run on one thread: see [`Pool::adaptive`].
    pub fn is_adaptive(&self) -> bool {
        self.is_adaptive
    }

    /// Number of barriers the caller has met the other workers at since the pool was started, all runs together.
    pub fn barriers(&self) -> u64 {
        self.barriers
    }

    /// Runs `job` once on every thread and returns when all have finished.
    ///
    /// The order in which workers run is unspecified. What the caller wrote before is seen by all workers, and what
    /// they wrote is seen by the caller after.
    ///
    /// # Panics
    /// With the panic of the first worker that panicked, after all have left the job; or if workers called
    /// [`Worker::barrier`] a different number of times.
    pub fn run(&mut self, job: &JobFn<'_>) {
        let shared = &*self.shared;
        shared.barrier.reset();
        // SAFETY: only the lifetime changes. No one uses the pointer after this function returns: every worker leaves
        // the run, by a panic too, before `wait_for_all` returns below, and nothing between here and there can unwind.
        let job = unsafe { mem::transmute::<*const JobFn<'_>, *const JobFn<'static>>(job) };
        // SAFETY: no worker reads it now: all have left the run before, and none has been notified of this one.
        unsafe { *shared.job.work.get() = Some(job) };
        shared.job.number.fetch_add(1, SeqCst);
        shared.idle.wake();
        self.barriers += shared.work(0);
        if !shared.barrier.wait_for_all() {
            let panic = shared.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
            resume_unwind(panic.unwrap_or_else(|| Box::new(PeerPanicked)));
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.job.end.store(true, SeqCst);
        self.shared.job.number.fetch_add(1, SeqCst);
        self.shared.idle.wake();
        for handle in self.handles.drain(..) {
            // Panics of jobs are caught where they happen, so there is none to hear of here.
            let _ = handle.join();
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("threads", &self.threads())
            .field("barriers", &self.barriers())
            .finish()
    }
}

impl Shared {
    fn new(threads: usize, processors: usize) -> Self {
        // Spinning is for when the one waited for is running meanwhile. A pause takes 10 to 60 nanoseconds.
        let spins = if threads > processors { 10 } else { 100 };
        let limit = |micros| SpinLimit {
            spins,
            yielding: Duration::from_micros(micros),
        };
        Self {
            job: Job {
                number: AtomicU64::new(0),
                end: AtomicBool::new(false),
                work: UnsafeCell::new(None),
            },
            barrier: Barrier::new(threads, limit(100)),
            idle: Parker::default(),
            idle_limit: limit(50),
            threads,
            panic: Mutex::new(None),
        }
    }

    /// The life of a thread of the pool.
    fn serve(&self, index: usize) {
        for seen in 0.. {
            self.idle.wait(self.idle_limit, || self.job.number.load(SeqCst) != seen);
            if self.job.end.load(SeqCst) {
                return;
            }
            self.work(index);
        }
    }

    /// One worker's part of a run; returns at how many barriers it met the others. Does not unwind.
    fn work(&self, index: usize) -> u64 {
        let met = Cell::new(0);
        // SAFETY: this run has been announced, and no one writes the job before this worker leaves the run.
        let job = unsafe { *self.job.work.get() };
        if let Some(job) = job {
            // SAFETY: the caller of `run` keeps the job borrowed until all workers have left the run, below.
            let job = unsafe { &*job };
            let worker = Worker {
                index,
                shared: self,
                met: &met,
            };
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| job(worker))) {
                self.fail(payload);
            }
        }
        if self.barrier.leave(met.get()).is_err() {
            self.fail(Box::new(UNEVEN));
            // The run is broken now, so this time nothing keeps the worker.
            let _ = self.barrier.leave(met.get());
        }
        met.get()
    }

    /// Keeps the first panic of a run for its caller and sends everyone out.
    fn fail(&self, payload: Box<dyn Any + Send>) {
        let mut first = self.panic.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_none() && !payload.is::<PeerPanicked>() {
            *first = Some(payload);
        } else {
            // Leaked, since dropping a payload may panic, and nothing may unwind from here.
            mem::forget(payload);
        }
        drop(first);
        self.barrier.break_up();
    }
}
