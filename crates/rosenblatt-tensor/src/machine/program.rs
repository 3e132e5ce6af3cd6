//! Programs: tasks cut into parts for the threads, checked, with barriers where threads could meet.

use std::sync::atomic::AtomicBool;

use super::access::Access;
use super::memory::{BufferSpec, Place};
use super::parts::{Builder, Part};
use super::task::{Split, Task};
use crate::{Buffer, DType, Error, Result};

/// Tasks ready to run, many times, without allocating.
pub struct Program {
    pub(super) stages: Vec<Stage>,
    pub(super) buffers: Vec<BufferSpec>,
    pub(super) threads: usize,
    pub(super) flags: Vec<AtomicBool>,
    pub(super) arena_bytes: usize,
    pub(super) truth_bytes: usize,
    pub(super) private_bytes: usize,
    pub(super) bases: Addresses,
    pub(super) scratch_addresses: Addresses,
    /// Behind `scratch_addresses`.
    _scratch: Vec<Buffer>,
}

/// Addresses that are only followed while a run borrows what they point to.
pub(super) struct Addresses(pub(super) Vec<*mut u8>);

// SAFETY: the addresses are data; following them is what needs care, and that happens inside `Program::run`.
unsafe impl Send for Addresses {}
// SAFETY: as above.
unsafe impl Sync for Addresses {}

/// A task with its parts.
pub(super) struct Stage {
    pub(super) task: Task,
    pub(super) barrier: bool,
    pub(super) dtype: DType,
    pub(super) parts: Vec<Part>,
}

impl Program {
    /// Checks the tasks, cuts them into parts for `threads` threads, and puts the barriers.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if an operand does not fit its buffer or its task, or if parts of one task
    /// would meet: faults of whoever built the tasks.
    pub fn new(tasks: Vec<(Task, Split)>, buffers: Vec<BufferSpec>, threads: usize, flags: usize) -> Result<Self> {
        buffers.iter().try_for_each(BufferSpec::check)?;
        let builder = Builder {
            buffers: &buffers,
            threads,
            flags,
        };
        let mut stages = Vec::with_capacity(tasks.len());
        // What each thread has touched since the last barrier.
        let mut history: Vec<Vec<Access>> = vec![Vec::new(); threads];
        for (task, split) in tasks {
            let parts = (0..threads)
                .map(|t| builder.part(&task, split, t))
                .collect::<Result<Vec<_>>>()?;
            let touched: Vec<Vec<Access>> = parts.iter().map(|(_, touched)| touched.clone()).collect();
            meet(&touched, &touched, "parts of one task")?;
            let barrier = meet(&history, &touched, "").is_err();
            if barrier {
                history.iter_mut().for_each(Vec::clear);
            }
            history.iter_mut().zip(touched).for_each(|(old, new)| old.extend(new));
            let dtype = builder.dtype(&task)?;
            stages.push(Stage {
                task,
                barrier,
                dtype,
                parts: parts.into_iter().map(|(part, _)| part).collect(),
            });
        }
        let scratch = (0..threads).map(|t| stages.iter().map(|stage| stage.parts[t].scratch()).max().unwrap_or(0));
        let mut scratch: Vec<Buffer> = scratch.map(Buffer::zeroed).collect();
        let scratch_addresses = Addresses(scratch.iter_mut().map(Buffer::as_mut_ptr).collect());
        let end = |wanted: fn(&BufferSpec) -> Option<usize>| {
            buffers
                .iter()
                .filter_map(|b| Some(wanted(b)? + b.bytes().next_multiple_of(64)))
                .max()
                .unwrap_or(0)
        };
        Ok(Self {
            arena_bytes: end(|b| matches!(b.place, Place::Arena(_) if b.dtype != DType::Bool).then(|| b.at())),
            truth_bytes: end(|b| matches!(b.place, Place::Arena(_) if b.dtype == DType::Bool).then(|| b.at())),
            private_bytes: end(|b| matches!(b.place, Place::Private(_)).then(|| b.at())),
            bases: Addresses(vec![std::ptr::null_mut(); buffers.len() * threads]),
            flags: (0..flags).map(|_| AtomicBool::new(false)).collect(),
            _scratch: scratch,
            scratch_addresses,
            stages,
            buffers,
            threads,
        })
    }

    /// How many tasks there are.
    #[must_use]
    pub fn tasks(&self) -> usize {
        self.stages.len()
    }

    /// How many tasks compute something: all but checks.
    #[must_use]
    pub fn kernels(&self) -> usize {
        self.stages
            .iter()
            .filter(|stage| !matches!(stage.task, Task::Check { .. }))
            .count()
    }

    /// Loops over tiles in all chains together: steps, and updates of several operands at once.
    #[must_use]
    pub fn loops(&self) -> usize {
        let chains = self.stages.iter().filter_map(|stage| match &stage.task {
            Task::Map { chain, .. } | Task::Product { chain, .. } | Task::ColumnSum { chain, .. } => Some(chain),
            Task::Kernel { .. } | Task::Check { .. } => None,
        });
        chains.map(|chain| chain.steps.len() + chain.updates.len()).sum()
    }

    /// Multiply-adds of each task that is a matrix product; 0 for the others.
    pub fn multiply_adds(&self) -> impl Iterator<Item = u64> {
        self.stages.iter().map(|stage| match &stage.task {
            Task::Product { space, k, .. } => space.elements() as u64 * *k as u64,
            _ => 0,
        })
    }

    /// Threads that take part.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Barriers between tasks of one run (starting and joining the threads not counted).
    #[must_use]
    pub fn barriers(&self) -> usize {
        self.stages.iter().filter(|stage| stage.barrier).count()
    }

    /// Whether a barrier precedes each task.
    pub fn barrier_before(&self) -> impl Iterator<Item = bool> {
        self.stages.iter().map(|stage| stage.barrier)
    }

    /// Bytes of arena it needs, private copies counted once per thread.
    #[must_use]
    pub fn arena_bytes(&self) -> usize {
        self.arena_bytes + self.truth_bytes + self.private_bytes * self.threads
    }
}

impl BufferSpec {
    /// # Errors
    /// More bytes than memory can address, a place that is not on a cache line, or private truth values (private
    /// arenas hold numbers of all types).
    fn check(&self) -> Result<()> {
        let bytes = self
            .elements
            .checked_mul(self.dtype.size())
            .and_then(|bytes| bytes.checked_add(self.at()));
        let private_truths = self.dtype == DType::Bool && matches!(self.place, Place::Private(_));
        if bytes.is_none_or(|bytes| bytes > isize::MAX as usize / 2) || !self.at().is_multiple_of(64) || private_truths
        {
            return Err(Error::internal(format!("{self:?} is not a buffer")));
        }
        Ok(())
    }

    /// Byte offset in its arena.
    pub(super) fn at(&self) -> usize {
        match self.place {
            Place::Arena(at) | Place::Private(at) => at,
            _ => 0,
        }
    }
}

/// An error if two different threads touch the same bytes and one writes.
fn meet(before: &[Vec<Access>], now: &[Vec<Access>], what: &str) -> Result<()> {
    for (t, old) in before.iter().enumerate() {
        for (u, new) in now.iter().enumerate() {
            if t != u && old.iter().any(|a| new.iter().any(|b| a.conflicts(b))) {
                return Err(Error::internal(format!(
                    "{what} touch the same memory on threads {t} and {u}"
                )));
            }
        }
    }
    Ok(())
}
