//! Programs: tasks cut into shares for the threads, checked, with barriers where threads could meet.

use std::sync::Arc;

use super::access::Access;
use super::barriers::History;
use super::memory::{BufferId, BufferSpec, Place};
use super::shares::{Builder, Share};
use super::task::{Partition, Task};
use crate::{DType, Error, Result};

/// Tasks ready to run, many times, without allocating.
///
/// Nothing in it changes during a run: what a run writes is in a [`super::Workspace`], so threads share programs.
pub struct Program {
    /// No other program has the same, as long as a workspace remembers it.
    pub(super) identity: Arc<()>,
    pub(super) stages: Vec<Stage>,
    pub(super) buffers: Vec<BufferSpec>,
    /// Buffers that are bound anew for each run, and the input each stands for.
    pub(super) inputs: Vec<(BufferId, usize)>,
    pub(super) threads: usize,
    /// Number of flags.
    pub(super) flags: usize,
    pub(super) sizes: Sizes,
    writes_variables: bool,
}

/// Bytes of a workspace that a program needs.
pub(super) struct Sizes {
    pub(super) arena: usize,
    pub(super) bools: usize,
    /// For each thread.
    pub(super) private: usize,
    /// For each thread.
    pub(super) scratch: usize,
}

/// A task with its shares.
pub(super) struct Stage {
    pub(super) task: Task,
    pub(super) barrier: bool,
    pub(super) dtype: DType,
    pub(super) shares: Vec<Share>,
}

impl Program {
    /// Checks the tasks, cuts them into shares for `threads` threads, and puts the barriers.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if an operand does not fit its buffer or its task, or if shares of one task
    /// would meet: faults of whoever built the tasks.
    pub fn new(tasks: Vec<(Task, Partition)>, buffers: Vec<BufferSpec>, threads: usize, flags: usize) -> Result<Self> {
        buffers.iter().try_for_each(BufferSpec::check)?;
        let builder = Builder {
            buffers: &buffers,
            threads,
            flags,
        };
        let mut stages: Vec<Stage> = Vec::with_capacity(tasks.len());
        let mut writes_variables = false;
        let mut history = History::new(threads);
        for (task, split) in tasks {
            let (shares, touched) = builder.shares(&task, split)?;
            writes_variables |= touched.iter().flatten().any(Access::writes_variable);
            stages.push(Stage {
                barrier: history.add(&touched).map_err(meeting)?,
                dtype: builder.dtype(&task)?,
                task,
                shares,
            });
        }
        let shares = stages.iter().flat_map(|stage| &stage.shares);
        let sizes = Sizes::of(&buffers, shares.map(Share::scratch).max().unwrap_or(0));
        Ok(Self {
            identity: Arc::new(()),
            inputs: buffers
                .iter()
                .enumerate()
                .filter_map(|(i, spec)| Some((i, spec.input()?)))
                .collect(),
            stages,
            buffers,
            threads,
            flags,
            sizes,
            writes_variables,
        })
    }

    /// Before which tasks a program of them would put barriers.
    ///
    /// # Errors
    /// As [`Program::new`].
    pub fn barriers_of(
        tasks: &[(Task, Partition)],
        buffers: &[BufferSpec],
        threads: usize,
        flags: usize,
    ) -> Result<Vec<bool>> {
        buffers.iter().try_for_each(BufferSpec::check)?;
        let builder = Builder {
            buffers,
            threads,
            flags,
        };
        let mut history = History::new(threads);
        let barrier =
            |(task, split): &(Task, Partition)| history.add(&builder.shares(task, *split)?.1).map_err(meeting);
        tasks.iter().map(barrier).collect()
    }

    /// Whether a run may write to variables; then no other thread may use them meanwhile.
    #[must_use]
    pub fn writes_variables(&self) -> bool {
        self.writes_variables
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

    /// Loops over tiles in the chain of each task: steps, and updates of several operands at once.
    pub fn loops(&self) -> impl Iterator<Item = usize> {
        self.stages.iter().map(|stage| match &stage.task {
            Task::Map { chain, .. } | Task::Product { chain, .. } | Task::ColumnSum { chain, .. } => {
                chain.steps.len() + chain.updates.len()
            }
            Task::Kernel { .. } | Task::Check { .. } => 0,
        })
    }

    /// Multiply-adds of each task that is a matrix product; 0 for the others.
    pub fn multiply_adds(&self) -> impl Iterator<Item = u64> {
        self.stages.iter().map(|stage| match &stage.task {
            Task::Product { space, k, .. } => space.elements() as u64 * *k as u64,
            Task::Map { .. } | Task::ColumnSum { .. } | Task::Kernel { .. } | Task::Check { .. } => 0,
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
        self.sizes.arena + self.sizes.bools + self.sizes.private * self.threads
    }
}

fn meeting([thread, other]: [usize; 2]) -> Error {
    Error::internal(format!(
        "shares of one task touch the same memory on threads {thread} and {other}"
    ))
}

impl Sizes {
    fn of(buffers: &[BufferSpec], scratch: usize) -> Self {
        let end = |is_inside: fn(&BufferSpec) -> bool| {
            let ends = buffers.iter().filter(|spec| is_inside(spec));
            ends.map(|spec| spec.at() + spec.bytes().next_multiple_of(64))
                .max()
                .unwrap_or(0)
        };
        Self {
            arena: end(|spec| matches!(spec.place, Place::Arena(_)) && spec.dtype != DType::Bool),
            bools: end(|spec| matches!(spec.place, Place::Arena(_)) && spec.dtype == DType::Bool),
            private: end(|spec| matches!(spec.place, Place::Private(_))),
            scratch,
        }
    }
}

impl BufferSpec {
    /// # Errors
    /// More bytes than memory can address, a place that is not on a cache line, or private bools (private arenas hold
    /// numbers of all types).
    fn check(&self) -> Result<()> {
        let bytes = self
            .elements
            .checked_mul(self.dtype.size())
            .and_then(|bytes| bytes.checked_add(self.at()));
        let private_bools = self.dtype == DType::Bool && matches!(self.place, Place::Private(_));
        if bytes.is_none_or(|bytes| bytes > isize::MAX as usize / 2) || !self.at().is_multiple_of(64) || private_bools {
            return Err(Error::internal(format!("{self:?} is not a buffer")));
        }
        Ok(())
    }

    /// The input it stands for.
    fn input(&self) -> Option<usize> {
        match self.place {
            Place::Input(input) => Some(input),
            Place::Arena(_) | Place::Private(_) | Place::Variable(_) | Place::Constant(_) => None,
        }
    }

    /// Byte offset in its arena.
    pub(super) fn at(&self) -> usize {
        match self.place {
            Place::Arena(at) | Place::Private(at) => at,
            Place::Variable(_) | Place::Input(_) | Place::Constant(_) => 0,
        }
    }
}
