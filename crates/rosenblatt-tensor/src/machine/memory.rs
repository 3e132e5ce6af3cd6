//! Buffers of a program and the memory behind them.

use crate::{Buffer, DType, Element, Error, Result, Tensor};

/// Names a buffer of a program: its index in the list given to [`super::Program::new`].
pub type BufferId = usize;

/// One block of numbers of a single type.
#[derive(Clone, Debug)]
pub struct BufferSpec {
    /// Type of the elements.
    pub dtype: DType,
    /// Number of elements.
    pub elements: usize,
    /// Where they live.
    pub place: Place,
}

/// Where a buffer lives.
#[derive(Clone, Debug)]
pub enum Place {
    /// In the arena, at a byte offset that is a multiple of 64. Truth values have an arena of their own, so that
    /// whatever bytes they meet were written as truth values.
    Arena(usize),
    /// Like the arena, but each thread has a copy of its own.
    Private(usize),
    /// Kept from run to run and shared by all programs over one [`Memory`]: parameters and optimiser state.
    State(usize),
    /// Bound anew for each run.
    Input(usize),
    /// Part of the program.
    Constant(Tensor),
}

impl BufferSpec {
    /// Its length in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.elements * self.dtype.size()
    }
}

/// What programs work on: one arena, private arenas, and the state.
pub struct Memory {
    pub(super) arena: Buffer,
    pub(super) truths: Buffer,
    pub(super) private: Vec<Buffer>,
    pub(super) state: Vec<State>,
}

/// One persistent buffer.
pub(super) struct State {
    pub(super) dtype: DType,
    pub(super) elements: usize,
    pub(super) buffer: Buffer,
}

impl Memory {
    /// Empty memory for `threads` threads.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let private = (0..threads.max(1)).map(|_| Buffer::zeroed(0)).collect();
        Self {
            arena: Buffer::zeroed(0),
            truths: Buffer::zeroed(0),
            private,
            state: Vec::new(),
        }
    }

    /// Adds a persistent buffer of zeros and returns its number for [`Place::State`].
    ///
    /// # Errors
    /// [`crate::ErrorKind::Unsupported`] if there is not so much memory.
    pub fn add_state(&mut self, dtype: DType, elements: usize) -> Result<usize> {
        self.state.push(State {
            dtype,
            elements,
            buffer: Buffer::try_zeroed(elements.saturating_mul(dtype.size()))?,
        });
        Ok(self.state.len() - 1)
    }

    /// The numbers of a persistent buffer.
    ///
    /// # Errors
    /// No such state, or another type.
    pub fn state<T: Element>(&self, index: usize) -> Result<&[T]> {
        let state = self.state.get(index).filter(|state| state.dtype == T::DTYPE);
        let state = state.ok_or_else(|| Error::internal(format!("no state {index} of {}", T::DTYPE)))?;
        // SAFETY: the buffer was made for this many elements of this type, and bytes of it are only ever written as
        // elements of this type (zeros at first, which are a value of every type).
        Ok(unsafe { std::slice::from_raw_parts(state.buffer.as_ptr().cast(), state.elements) })
    }

    /// The numbers of a persistent buffer, to be written.
    ///
    /// # Errors
    /// No such state, or another type.
    pub fn state_mut<T: Element>(&mut self, index: usize) -> Result<&mut [T]> {
        let state = self.state.get_mut(index).filter(|state| state.dtype == T::DTYPE);
        let state = state.ok_or_else(|| Error::internal(format!("no state {index} of {}", T::DTYPE)))?;
        // SAFETY: as for `state`; the borrow is exclusive.
        Ok(unsafe { std::slice::from_raw_parts_mut(state.buffer.as_mut_ptr().cast(), state.elements) })
    }

    /// Bytes of the arena, truth values and private copies included.
    #[must_use]
    pub fn arena_bytes(&self) -> usize {
        self.arena.len() + self.truths.len() + self.private.iter().map(Buffer::len).sum::<usize>()
    }

    /// Makes the arenas at least this large (in bytes).
    pub(super) fn reserve(&mut self, arena: usize, truths: usize, private: usize) -> Result<()> {
        let grow = |buffer: &mut Buffer, bytes: usize| {
            if buffer.len() < bytes {
                *buffer = Buffer::try_zeroed(bytes)?;
            }
            Ok(())
        };
        grow(&mut self.arena, arena)?;
        grow(&mut self.truths, truths)?;
        self.private.iter_mut().try_for_each(|buffer| grow(buffer, private))
    }
}
