//! Buffers of a program, and the memory of those that outlive a run.

use std::sync::Arc;

use super::workspace::Address;
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
    /// In the arena of a [`super::Workspace`], at a byte offset that is a multiple of 64. Bools have an arena of their
    /// own, so that whatever bytes they overlap were written as bools.
    Arena(usize),
    /// Like the arena, but each thread has a copy of its own.
    Private(usize),
    /// In a [`VariableMemory`], by number: kept from run to run and shared by all programs over it.
    Variable(usize),
    /// Bound anew for each run.
    Input(usize),
    /// Share of the program.
    Constant(Tensor),
}

impl BufferSpec {
    /// Its length in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.elements * self.dtype.size()
    }
}

/// Buffers that live from run to run: parameters and optimizer state.
///
/// Programs that only read them may run on several threads at once, each with a [`super::Workspace`] of its own.
///
/// # Example
/// ```
/// use rosenblatt_tensor::{DType, machine::VariableMemory};
/// let mut variables = VariableMemory::new();
/// let weight = variables.add(DType::F32, 2)?;
/// variables.get_mut::<f32>(weight)?.copy_from_slice(&[1.0, 2.0]);
/// assert_eq!(variables.get::<f32>(weight)?, [1.0, 2.0]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Default)]
pub struct VariableMemory {
    /// No other memory has the same, as long as a workspace remembers it: it knows addresses of the buffers.
    pub(super) identity: Arc<()>,
    pub(super) variables: Vec<Variable>,
}

/// One persistent buffer.
pub(super) struct Variable {
    pub(super) dtype: DType,
    pub(super) elements: usize,
    /// Never moved or replaced as long as the memory lives.
    buffer: Buffer,
    /// The buffer's first byte; writing there takes a mutable borrow of the memory.
    pub(super) address: Address,
}

impl VariableMemory {
    /// Without buffers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a buffer of zeros and returns its number for [`Place::Variable`].
    ///
    /// # Errors
    /// [`crate::ErrorKind::Unsupported`] if there is not enough memory.
    pub fn add(&mut self, dtype: DType, elements: usize) -> Result<usize> {
        let mut buffer = Buffer::try_zeroed(elements.saturating_mul(dtype.size()))?;
        self.variables.push(Variable {
            dtype,
            elements,
            address: Address(buffer.as_mut_ptr()),
            buffer,
        });
        Ok(self.variables.len() - 1)
    }

    /// The numbers of a buffer.
    ///
    /// # Errors
    /// No such buffer, or another type.
    pub fn get<T: Element>(&self, index: usize) -> Result<&[T]> {
        let variable = self.variables.get(index).filter(|variable| variable.dtype == T::DTYPE);
        let variable = variable.ok_or_else(|| Error::internal(format!("no variable {index} of {}", T::DTYPE)))?;
        // SAFETY: the buffer was made for this many elements of this type, and bytes of it are only ever written as
        // elements of this type (zeros at first, which are a value of every type). Runs that write borrow `self` mutably.
        Ok(unsafe { std::slice::from_raw_parts(variable.buffer.as_ptr().cast(), variable.elements) })
    }

    /// The numbers of a buffer, to be written.
    ///
    /// # Errors
    /// No such buffer, or another type.
    pub fn get_mut<T: Element>(&mut self, index: usize) -> Result<&mut [T]> {
        let variable = self
            .variables
            .get_mut(index)
            .filter(|variable| variable.dtype == T::DTYPE);
        let variable = variable.ok_or_else(|| Error::internal(format!("no variable {index} of {}", T::DTYPE)))?;
        // SAFETY: as for `get`; the borrow is exclusive, so no run reads or writes it now.
        Ok(unsafe { std::slice::from_raw_parts_mut(variable.buffer.as_mut_ptr().cast(), variable.elements) })
    }

    /// The buffers, in the order in which they were added.
    pub(super) fn into_buffers(self) -> impl Iterator<Item = Buffer> {
        self.variables.into_iter().map(|variable| variable.buffer)
    }

    /// Bytes of all buffers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.variables.iter().map(|variable| variable.buffer.len()).sum()
    }
}
