//! Running a program.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use super::chain::Slice;
use super::input::Input;
use super::memory::VariableMemory;
use super::port::Port;
use super::program::{Program, Stage};
use super::registers::{Visit, all_finite};
use super::shares::Share;
use super::timing::{Observer, Unwatched};
use super::workspace::{Address, Bound, Workspace};
use crate::pool::Pool;
use crate::{DType, Error, Isa, Result};

/// What a thread knows while it works on a program.
pub(super) struct Worker<'a> {
    pub(super) isa: Isa,
    /// Address of each buffer, as this thread sees it.
    bases: &'a [Address],
    pub(super) flags: &'a [AtomicBool],
}

impl Worker<'_> {
    /// Address of element `at` of a buffer.
    pub(super) fn element<T>(&self, buffer: usize, at: isize) -> *const T {
        self.bases[buffer].0.cast::<T>().wrapping_offset(at).cast_const()
    }

    /// Address of the first element of a tile.
    pub(super) fn address(&self, port: &Port, visit: &Visit<'_>) -> *const u8 {
        let at = port.at(visit.outer, visit.outer_rank) + visit.row as isize * port.row + visit.col as isize * port.col;
        self.bases[port.buffer]
            .0
            .wrapping_offset(at * port.dtype.size() as isize)
            .cast_const()
    }
}

/// What the threads share during a run.
struct Shared<'a> {
    program: &'a Program,
    isa: Isa,
    bases: &'a [Address],
    scratch: &'a [Address],
    flags: &'a [AtomicBool],
    /// The first failure: after its phase everyone stops.
    failed_in: AtomicUsize,
    failure: Mutex<Option<Error>>,
    stopped: AtomicBool,
}

impl Program {
    /// Runs the program once, on the threads of the pool if it was built for as many, else on the caller's alone.
    ///
    /// Returns `false` if a [`super::Task::Check`] stopped it; then nothing after the check was done.
    ///
    /// # Errors
    /// An input has another size or type than its buffer, the variables are not the program's, the pool has another number of
    /// threads, or a kernel met impossible values; then results and variables hold a mixture of old and new.
    pub fn run<'a, I: Copy + Into<Input<'a>>>(
        &self,
        variables: &mut VariableMemory,
        workspace: &mut Workspace,
        pool: Option<&mut Pool>,
        isa: Isa,
        inputs: &[I],
    ) -> Result<bool> {
        self.run_observed(variables, workspace, pool, isa, inputs, &Unwatched)
    }

    /// Runs the program once, on the caller's thread, over variables that other threads may use at the same time.
    ///
    /// # Errors
    /// As [`Program::run`]; [`crate::ErrorKind::Config`] if the program may write to variables.
    pub fn run_shared<'a, I: Copy + Into<Input<'a>>>(
        &self,
        variables: &VariableMemory,
        workspace: &mut Workspace,
        isa: Isa,
        inputs: &[I],
    ) -> Result<bool> {
        if self.writes_variables() {
            return Err(Error::config("a plan with updates cannot run over shared variables"));
        }
        let bound = workspace.bind(self, variables, inputs)?;
        // SAFETY: as in `run_observed`, but that others may read the variables too: the program does not write to them.
        unsafe { self.execute(bound, None, isa, &Unwatched) }
    }

    /// Runs the program once; `observer` sees how the threads get on.
    pub(super) fn run_observed<'a, I: Copy + Into<Input<'a>>, W: Observer>(
        &self,
        variables: &mut VariableMemory,
        workspace: &mut Workspace,
        pool: Option<&mut Pool>,
        isa: Isa,
        inputs: &[I],
        observer: &W,
    ) -> Result<bool> {
        let bound = workspace.bind(self, variables, inputs)?;
        // SAFETY: arguments of this function, all borrowed until it returns, own what is bound: the workspace and the
        // variables exclusively, the inputs to be read.
        unsafe { self.execute(bound, pool, isa, observer) }
    }

    /// # Safety
    /// What is bound is this program's. Until the call returns, no one else touches the workspace, no one writes to
    /// inputs and variables, and no one reads variables that the program writes to.
    unsafe fn execute<W: Observer>(
        &self,
        bound: Bound<'_>,
        pool: Option<&mut Pool>,
        isa: Isa,
        observer: &W,
    ) -> Result<bool> {
        let Bound {
            bases,
            scratch,
            flags,
            pace,
        } = bound;
        let shared = Shared {
            program: self,
            isa,
            bases,
            scratch,
            flags,
            failed_in: AtomicUsize::new(usize::MAX),
            failure: Mutex::new(None),
            stopped: AtomicBool::new(false),
        };
        let mut pace = Some(pace).filter(|_| self.threads > 1 && pool.as_ref().is_some_and(|pool| pool.is_adaptive()));
        let (start, is_alone) = (
            pace.as_ref().map(|_| Instant::now()),
            pace.as_ref().is_some_and(|pace| !pace.is_together()),
        );
        match pool.filter(|_| self.threads > 1 && !is_alone) {
            None => shared.go(0..self.threads, observer, || {}),
            Some(pool) if pool.threads() == self.threads => {
                pool.run(&|worker| shared.go(worker.index()..worker.index() + 1, observer, || worker.barrier()));
            }
            Some(pool) => {
                let text = format!("a program for {} threads on {}", self.threads, pool.threads());
                return Err(Error::internal(text));
            }
        }
        if let (Some(pace), Some(start)) = (&mut pace, start) {
            pace.ran(start.elapsed());
        }
        let stopped = shared.stopped.load(Ordering::Relaxed);
        match shared.failure.into_inner() {
            Ok(None) => Ok(!stopped),
            Ok(Some(error)) => Err(error),
            Err(_) => Err(Error::internal("a thread of the pool failed")),
        }
    }
}

impl Shared<'_> {
    /// One thread's way through the program, doing the given shares of each task.
    ///
    /// A thread alone does all shares: what one share does before a barrier never conflicts with another's.
    fn go(&self, shares: Range<usize>, observer: &impl Observer, barrier: impl Fn()) {
        let mut phase = 0;
        observer.begins(shares.start);
        for (task, stage) in self.program.stages.iter().enumerate() {
            if stage.barrier {
                barrier();
                observer.has_met(shares.start, task);
                phase += 1;
                // A failure in an earlier phase is visible to all since the barrier, so all leave here together.
                if self.failed_in.load(Ordering::Relaxed) < phase {
                    return;
                }
            }
            for share in shares.clone() {
                // SAFETY: `Program::new` checked all operands and put the barriers.
                match unsafe { self.share(stage, share, &self.worker(share)) } {
                    Ok(true) => {}
                    Ok(false) => {
                        self.stopped.store(true, Ordering::Relaxed);
                        return; // every thread saw the same number and leaves too
                    }
                    Err(error) => {
                        self.failed_in.fetch_min(phase, Ordering::Relaxed);
                        if let Ok(mut failure) = self.failure.lock() {
                            failure.get_or_insert(error);
                        }
                        if shares.len() == self.program.threads {
                            return; // no one waits at a barrier
                        }
                    }
                }
            }
            observer.has_done(shares.start, task);
        }
    }

    fn worker(&self, share: usize) -> Worker<'_> {
        let count = self.program.buffers.len();
        Worker {
            isa: self.isa,
            bases: &self.bases[share * count..(share + 1) * count],
            flags: self.flags,
        }
    }

    /// # Safety
    /// No other thread writes what this share reads or touches what it writes.
    unsafe fn share(&self, stage: &Stage, share: usize, worker: &Worker<'_>) -> Result<bool> {
        let scratch = self.scratch[share].0;
        match &stage.shares[share] {
            Share::Idle => {}
            // SAFETY: the caller's; scratch is the thread's own and large enough for every share of the program.
            Share::Map(walk, chain) => unsafe { chain.walk(worker, walk, scratch) },
            Share::Product(share) => match stage.dtype {
                // SAFETY: as above; the operands are of this type.
                DType::F32 => unsafe { share.run::<f32>(worker, scratch) },
                // SAFETY: as above.
                DType::F64 => unsafe { share.run::<f64>(worker, scratch) },
                other @ (DType::U8 | DType::I64 | DType::Bool) => return Err(no_loop(other)),
            },
            Share::ColumnSum(share) => match stage.dtype {
                // SAFETY: as above.
                DType::F32 => unsafe { share.run::<f32>(worker, scratch) },
                // SAFETY: as above.
                DType::F64 => unsafe { share.run::<f64>(worker, scratch) },
                other @ (DType::U8 | DType::I64 | DType::Bool) => return Err(no_loop(other)),
            },
            // SAFETY: as above.
            Share::Kernel(share) => unsafe { share.run(worker, scratch)? },
            Share::Check(port) => {
                let visit = Visit {
                    outer: &[0; crate::MAX_RANK],
                    outer_rank: 0,
                    row: 0,
                    rows: 1,
                    col: 0,
                    cols: 1,
                };
                let address = worker.address(port, &visit);
                // SAFETY: the port is one number inside its buffer, which no one writes now.
                let number = unsafe { Slice::from_raw(port.dtype, address, 1) };
                return Ok(all_finite(self.isa, number));
            }
        }
        Ok(true)
    }
}

/// What [`Program::new`] lets no one ask for.
#[cold]
fn no_loop(dtype: DType) -> Error {
    Error::internal(format!("no products or sums of {dtype}"))
}
