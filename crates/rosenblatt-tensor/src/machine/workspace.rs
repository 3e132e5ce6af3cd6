//! What a run writes, apart from variables: arenas, scratch, flags, and where each buffer is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use super::input::Input;
use super::memory::{BufferSpec, Place, VariableMemory};
use super::pace::Pace;
use super::program::Program;
use crate::{Buffer, DType, Error, Result};

/// Memory that runs of programs write to. A thread that runs programs needs one, for as many programs as it likes;
/// they share the arenas, so results of a program are there until the next program runs.
///
/// After the first run of a program over the same variables, further runs allocate nothing.
#[derive(Default)]
pub struct Workspace {
    arena: Buffer,
    bools: Buffer,
    /// For each thread: its private arena.
    private: Vec<Buffer>,
    /// For each thread: registers and packed columns.
    scratch: Vec<Buffer>,
    /// Addresses of `scratch`.
    scratch_addresses: Vec<Address>,
    flags: Vec<AtomicBool>,
    bindings: Vec<Binding>,
    /// The binding of the last run, whose results are in the arenas.
    last: Option<usize>,
}

/// An address that is only followed while a run borrows what it points to.
#[derive(Clone, Copy)]
pub(super) struct Address(pub(super) *mut u8);

// SAFETY: an address is data; following it is what needs care, and that happens in `Program::execute`.
unsafe impl Send for Address {}
// SAFETY: as above.
unsafe impl Sync for Address {}

/// Addresses of the buffers of one program over one memory, found once.
struct Binding {
    program: Weak<()>,
    variables: Weak<()>,
    /// One row of buffers for each share. Those of inputs are written before each run.
    bases: Vec<Address>,
    pace: Pace,
}

/// What the threads of a run get of a workspace.
pub(super) struct Bound<'w> {
    pub(super) bases: &'w [Address],
    pub(super) scratch: &'w [Address],
    pub(super) flags: &'w [AtomicBool],
    pub(super) pace: &'w mut Pace,
}

impl Workspace {
    /// An empty one; it grows with the first run of each program.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes room for a program now rather than in its first run.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Unsupported`] if there is not enough memory.
    pub fn reserve(&mut self, program: &Program) -> Result<()> {
        let sizes = &program.sizes;
        let threads = program.threads;
        let mut moved = self.private.len() < threads || self.scratch.len() < threads;
        self.private
            .resize_with(self.private.len().max(threads), Buffer::default);
        self.scratch
            .resize_with(self.scratch.len().max(threads), Buffer::default);
        let private = self.private.iter_mut().map(|buffer| (buffer, sizes.private));
        let scratch = self.scratch.iter_mut().map(|buffer| (buffer, sizes.scratch));
        let arenas = [(&mut self.arena, sizes.arena), (&mut self.bools, sizes.bools)];
        for (buffer, bytes) in arenas.into_iter().chain(private).chain(scratch) {
            if buffer.len() < bytes {
                *buffer = Buffer::try_zeroed(bytes)?;
                moved = true;
            }
        }
        if moved {
            // What was known points to memory that is gone.
            self.bindings.clear();
            self.last = None;
            self.scratch_addresses.clear();
            let addresses = self.scratch.iter_mut().map(|buffer| Address(buffer.as_mut_ptr()));
            self.scratch_addresses.extend(addresses);
        }
        if self.flags.len() < program.flags {
            self.flags.resize_with(program.flags, || AtomicBool::new(false));
        }
        Ok(())
    }

    /// Bytes of all arenas, scratch included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let all = self
            .private
            .iter()
            .chain(&self.scratch)
            .chain([&self.arena, &self.bools]);
        all.map(Buffer::len).sum()
    }

    /// Bytes of values between tasks: those of the arenas without scratch.
    #[must_use]
    pub fn arena_bytes(&self) -> usize {
        let all = self.private.iter().chain([&self.arena, &self.bools]);
        all.map(Buffer::len).sum()
    }

    /// Whether a watched step of the last run met a number that is not finite.
    #[must_use]
    pub fn flag(&self, flag: usize) -> bool {
        self.flags.get(flag).is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Prepares a run: all addresses are known, flags are down.
    ///
    /// What the addresses of `variables` and `inputs` point to must be borrowed until the run ends.
    ///
    /// # Errors
    /// An input has another size or type than its buffer; the variables are not those of the program; no memory.
    pub(super) fn bind<'a, I>(
        &mut self,
        program: &Program,
        variables: &VariableMemory,
        inputs: &[I],
    ) -> Result<Bound<'_>>
    where
        I: Copy + Into<Input<'a>>,
    {
        let is_known = |binding: &Binding| binding.is_of(program, variables);
        let known = match self.last.filter(|&last| is_known(&self.bindings[last])) {
            None => self.bindings.iter().position(is_known),
            last => last,
        };
        let at = match known {
            Some(at) => at,
            None => self.bind_first(program, variables)?,
        };
        let count = program.buffers.len();
        let Binding { bases, pace, .. } = &mut self.bindings[at];
        for &(buffer, input) in &program.inputs {
            let given = inputs
                .get(input)
                .ok_or_else(|| Error::internal(format!("input {input} is missing")))?;
            let address = (*given).into().address(&program.buffers[buffer])?;
            bases
                .iter_mut()
                .skip(buffer)
                .step_by(count)
                .for_each(|base| *base = address);
        }
        for flag in &mut self.flags[..program.flags] {
            *flag.get_mut() = false;
        }
        self.last = Some(at);
        Ok(Bound {
            bases,
            scratch: &self.scratch_addresses,
            flags: &self.flags,
            pace,
        })
    }

    /// Finds the addresses of all buffers but the inputs; returns the number of the binding.
    #[cold]
    fn bind_first(&mut self, program: &Program, variables: &VariableMemory) -> Result<usize> {
        self.reserve(program)?;
        // Programs and memories that were dropped are not asked for again.
        self.bindings.retain(Binding::is_alive);
        self.last = None;
        let mut bases = Vec::with_capacity(program.buffers.len() * program.threads);
        for share in 0..program.threads {
            for spec in &program.buffers {
                bases.push(self.base(spec, variables, share)?);
            }
        }
        self.bindings.push(Binding {
            program: Arc::downgrade(&program.identity),
            variables: Arc::downgrade(&variables.identity),
            bases,
            pace: Pace::default(),
        });
        Ok(self.bindings.len() - 1)
    }

    /// Where a share finds a buffer.
    fn base(&mut self, spec: &BufferSpec, variables: &VariableMemory, share: usize) -> Result<Address> {
        let inside = |buffer: &mut Buffer, at: usize| {
            if at + spec.bytes() > buffer.len() {
                return Err(Error::internal("a buffer reaches outside its memory"));
            }
            Ok(Address(buffer.as_mut_ptr().wrapping_add(at)))
        };
        match &spec.place {
            Place::Arena(at) if spec.dtype == DType::Bool => inside(&mut self.bools, *at),
            Place::Arena(at) => inside(&mut self.arena, *at),
            Place::Private(at) => inside(&mut self.private[share], *at),
            Place::Variable(i) => {
                let fits = |v: &&super::memory::Variable| v.dtype == spec.dtype && v.elements == spec.elements;
                let variable = variables.variables.get(*i).filter(fits);
                let wanted = || Error::internal(format!("variable {i} is not {} of {}", spec.elements, spec.dtype));
                Ok(variable.ok_or_else(wanted)?.address)
            }
            Place::Input(_) => Ok(Address(std::ptr::null_mut())),
            Place::Constant(tensor) => Input::from(tensor).address(spec),
        }
    }

    /// The bytes that hold a buffer's values after the last run, if that was a run of `program`.
    ///
    /// # Errors
    /// It was not, or the buffer is no result of runs.
    pub(super) fn result(&self, program: &Program, spec: &BufferSpec) -> Result<&[u8]> {
        let is_last = |last: usize| std::ptr::eq(self.bindings[last].program.as_ptr(), Arc::as_ptr(&program.identity));
        if !self.last.is_some_and(is_last) {
            return Err(Error::config(
                "a result is read before its plan has run, or after another plan has",
            ));
        }
        let bytes = match &spec.place {
            Place::Arena(at) if spec.dtype == DType::Bool => self.bools.bytes(*at, spec.bytes()),
            Place::Arena(at) => self.arena.bytes(*at, spec.bytes()),
            Place::Private(at) => self.private[0].bytes(*at, spec.bytes()),
            Place::Variable(_) | Place::Input(_) | Place::Constant(_) => None,
        };
        bytes.ok_or_else(|| Error::internal("not a result of a run"))
    }
}

impl Binding {
    fn is_of(&self, program: &Program, variables: &VariableMemory) -> bool {
        std::ptr::eq(self.program.as_ptr(), Arc::as_ptr(&program.identity))
            && std::ptr::eq(self.variables.as_ptr(), Arc::as_ptr(&variables.identity))
    }

    fn is_alive(&self) -> bool {
        self.program.strong_count() > 0 && self.variables.strong_count() > 0
    }
}
