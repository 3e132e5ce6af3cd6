//! Running a program, and running a single task.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::chain::Slice;
use super::kernel::{View, ViewMut};
use super::memory::{BufferSpec, Memory, Place};
use super::parts::{MAX_KERNEL_INPUTS, Part};
use super::port::Port;
use super::program::{Program, Stage};
use super::registers::Visit;
use super::task::{Form, Operand, Split, Task};
use super::timing::{Unwatched, Watch};
use crate::pool::Pool;
use crate::{Buffer, DType, Error, Isa, Layout, Result, Shape, Tensor};

/// What a thread knows while it works on a program.
pub(super) struct Worker<'a> {
    pub(super) isa: Isa,
    /// Address of each buffer, as this thread sees it.
    bases: &'a [*mut u8],
    pub(super) flags: &'a [AtomicBool],
}

impl Worker<'_> {
    /// Address of element `at` of a buffer.
    pub(super) fn element<T>(&self, buffer: usize, at: isize) -> *const T {
        self.bases[buffer].cast::<T>().wrapping_offset(at).cast_const()
    }

    /// Address of the first element of a tile.
    pub(super) fn address(&self, port: &Port, visit: &Visit<'_>) -> *const u8 {
        let at = port.at(visit.outer, visit.outer_rank) + visit.row as isize * port.row + visit.col as isize * port.col;
        self.bases[port.buffer]
            .wrapping_offset(at * port.dtype.size() as isize)
            .cast_const()
    }
}

/// What the threads share during a run.
struct Shared<'a> {
    program: &'a Program,
    isa: Isa,
    /// Base addresses, one row of buffers per thread.
    bases: &'a [*mut u8],
    scratch: &'a [*mut u8],
    /// The first failure: after its phase everybody stops.
    failed_in: AtomicUsize,
    failure: Mutex<Option<Error>>,
    stopped: AtomicBool,
}

// SAFETY: the addresses point to memory borrowed for the run; `Program::new` has put barriers so that no two threads
// touch the same bytes at the same time unless both read.
unsafe impl Sync for Shared<'_> {}

impl Program {
    /// Runs the program once.
    ///
    /// Returns `false` if a [`Task::Check`] stopped it; then nothing after the check was done.
    ///
    /// # Errors
    /// An input has another shape or type than its buffer, the memory or pool was made for another number of threads,
    /// or a kernel met impossible values; then outputs and state hold a mixture of old and new.
    pub fn run(&mut self, memory: &mut Memory, pool: Option<&mut Pool>, isa: Isa, inputs: &[&Tensor]) -> Result<bool> {
        self.run_watched(memory, pool, isa, inputs, &Unwatched)
    }

    /// Runs the program once; `watch` sees how the threads get on.
    pub(super) fn run_watched<W: Watch>(
        &mut self,
        memory: &mut Memory,
        pool: Option<&mut Pool>,
        isa: Isa,
        inputs: &[&Tensor],
        watch: &W,
    ) -> Result<bool> {
        let threads = pool.as_ref().map_or(1, |pool| pool.threads());
        if memory.private.len() < self.threads || (self.threads != 1 && self.threads != threads) {
            return Err(Error::internal(format!(
                "a program for {} threads on {threads}",
                self.threads
            )));
        }
        self.bind(memory, inputs)?;
        self.flags.iter_mut().for_each(|flag| *flag.get_mut() = false);
        let shared = Shared {
            program: self,
            isa,
            bases: &self.bases.0,
            scratch: &self.scratch_addresses.0,
            failed_in: AtomicUsize::new(usize::MAX),
            failure: Mutex::new(None),
            stopped: AtomicBool::new(false),
        };
        match pool {
            Some(pool) if self.threads > 1 => {
                pool.run(&|worker| shared.thread(worker.index(), watch, || worker.barrier()));
            }
            _ => shared.thread(0, watch, || {}),
        }
        let stopped = shared.stopped.load(Ordering::Relaxed);
        match shared.failure.into_inner() {
            Ok(None) => Ok(!stopped),
            Ok(Some(error)) => Err(error),
            Err(_) => Err(Error::internal("a thread of the pool failed")),
        }
    }

    /// Finds the address of every buffer for this run.
    fn bind(&mut self, memory: &mut Memory, inputs: &[&Tensor]) -> Result<()> {
        memory.reserve(self.arena_bytes, self.truth_bytes, self.private_bytes)?;
        let count = self.buffers.len();
        for (i, spec) in self.buffers.iter().enumerate() {
            for thread in 0..self.threads {
                self.bases.0[thread * count + i] = base(spec, memory, inputs, thread)?;
            }
        }
        Ok(())
    }

    /// Copies an operand out, as it was left by the last run.
    ///
    /// # Errors
    /// The operand does not lie in the program's memory.
    pub fn read(&self, memory: &Memory, operand: &Operand) -> Result<Tensor> {
        let spec = self
            .buffers
            .get(operand.buffer)
            .ok_or_else(|| Error::internal("no such buffer"))?;
        let Form::Strided(layout) = operand.form else {
            return Err(Error::internal("reading a packed operand"));
        };
        let bytes = match &spec.place {
            Place::Arena(at) if spec.dtype == DType::Bool => memory.truths.bytes(*at, spec.bytes()),
            Place::Arena(at) => memory.arena.bytes(*at, spec.bytes()),
            Place::Private(at) => memory.private[0].bytes(*at, spec.bytes()),
            Place::State(i) => {
                let same = |state: &&super::memory::State| state.dtype == spec.dtype && state.elements == spec.elements;
                memory
                    .state
                    .get(*i)
                    .filter(same)
                    .and_then(|state| state.buffer.bytes(0, spec.bytes()))
            }
            Place::Constant(tensor) => return tensor.contiguous().with_layout(layout),
            Place::Input(_) => None,
        };
        let bytes = bytes.ok_or_else(|| Error::internal("the operand lies outside the memory"))?;
        let whole = Tensor::from_buffer(Buffer::copy_of(bytes), spec.dtype, Shape::new(&[spec.elements])?);
        Ok(whole.with_layout(layout)?.contiguous())
    }

    /// The one number of an operand after the last run, without allocating.
    ///
    /// # Errors
    /// It is not an f32 or f64 of the program's own memory.
    pub fn read_number(&self, memory: &Memory, operand: &Operand) -> Result<f64> {
        let spec = self
            .buffers
            .get(operand.buffer)
            .ok_or_else(|| Error::internal("no such buffer"))?;
        let Form::Strided(layout) = operand.form else {
            return Err(Error::internal("reading a packed operand"));
        };
        let (buffer, at) = match &spec.place {
            Place::Arena(at) => (&memory.arena, *at),
            Place::Private(at) => (&memory.private[0], *at),
            Place::State(i) => (&memory.state[*i].buffer, 0),
            _ => return Err(Error::internal("not a result")),
        };
        let outside = || Error::internal("the operand lies outside the memory");
        match spec.dtype {
            DType::F32 => {
                let bytes = buffer.bytes(at + 4 * layout.offset(), 4).ok_or_else(outside)?;
                Ok(f64::from(f32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])))
            }
            DType::F64 => {
                let bytes = buffer.bytes(at + 8 * layout.offset(), 8).ok_or_else(outside)?;
                let mut eight = [0; 8];
                eight.copy_from_slice(bytes);
                Ok(f64::from_ne_bytes(eight))
            }
            dtype => Err(Error::internal(format!("a number of {dtype}"))),
        }
    }

    /// Whether a watched step met a number that is not finite in the last run.
    #[must_use]
    pub fn flag(&self, flag: usize) -> bool {
        self.flags.get(flag).is_some_and(|f| f.load(Ordering::Relaxed))
    }
}

/// Where a thread finds a buffer.
fn base(spec: &BufferSpec, memory: &mut Memory, inputs: &[&Tensor], thread: usize) -> Result<*mut u8> {
    let bytes = spec.bytes();
    let inside = |buffer: &mut Buffer, at: usize| {
        if at + bytes > buffer.len() {
            return Err(Error::internal("a buffer reaches outside its memory"));
        }
        Ok(buffer.as_mut_ptr().wrapping_add(at))
    };
    match &spec.place {
        Place::Arena(at) if spec.dtype == DType::Bool => inside(&mut memory.truths, *at),
        Place::Arena(at) => inside(&mut memory.arena, *at),
        Place::Private(at) => inside(&mut memory.private[thread], *at),
        Place::State(i) => {
            let state = memory
                .state
                .get_mut(*i)
                .ok_or_else(|| Error::internal("no such state"))?;
            if state.dtype != spec.dtype || state.elements != spec.elements {
                return Err(Error::internal(format!(
                    "state {i} has {} of {}",
                    state.elements, state.dtype
                )));
            }
            inside(&mut state.buffer, 0)
        }
        Place::Input(i) => {
            let input = inputs
                .get(*i)
                .ok_or_else(|| Error::internal(format!("input {i} is missing")))?;
            bound(input, spec)
        }
        Place::Constant(tensor) => bound(tensor, spec),
    }
}

/// The address of a tensor that stands for a buffer; it is only read from.
fn bound(tensor: &Tensor, spec: &BufferSpec) -> Result<*mut u8> {
    let fits = tensor.dtype() == spec.dtype && tensor.elements() == spec.elements && tensor.layout().is_contiguous();
    if !fits {
        return Err(Error::shape(format!(
            "expected {} numbers of {} without gaps, got {:?} of {}",
            spec.elements,
            spec.dtype,
            tensor.shape(),
            tensor.dtype()
        )));
    }
    let shift = tensor.layout().offset() * spec.dtype.size();
    Ok(tensor.raw().0.wrapping_add(shift).cast_mut())
}

impl Shared<'_> {
    /// One thread's way through the program.
    fn thread(&self, thread: usize, watch: &impl Watch, barrier: impl Fn()) {
        let count = self.program.buffers.len();
        let bases = &self.bases[thread * count..(thread + 1) * count];
        let worker = Worker {
            isa: self.isa,
            bases,
            flags: &self.program.flags,
        };
        let mut phase = 0;
        watch.begins(thread);
        for (task, stage) in self.program.stages.iter().enumerate() {
            if stage.barrier {
                barrier();
                watch.has_met(thread, task);
                phase += 1;
                // A failure in an earlier phase is visible to all since the barrier, so all leave here together.
                if self.failed_in.load(Ordering::Relaxed) < phase {
                    return;
                }
            }
            // SAFETY: `Program::new` checked all operands and put the barriers.
            let done = unsafe { self.part(stage, thread, &worker) };
            watch.has_done(thread, task);
            match done {
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
                    if self.program.threads == 1 {
                        return; // nobody waits at a barrier
                    }
                }
            }
        }
    }

    /// # Safety
    /// No other thread writes what this part reads or touches what it writes.
    unsafe fn part(&self, stage: &Stage, thread: usize, worker: &Worker<'_>) -> Result<bool> {
        let scratch = self.scratch[thread];
        match &stage.parts[thread] {
            Part::Idle => {}
            // SAFETY: the caller's; scratch is the thread's own and large enough for every part of the program.
            Part::Map(walk, chain) => unsafe { chain.walk(worker, walk, scratch) },
            Part::Product(part) => match stage.dtype {
                // SAFETY: as above.
                DType::F64 => unsafe { part.run::<f64>(worker, scratch) },
                // SAFETY: as above; the builder allows no third type.
                _ => unsafe { part.run::<f32>(worker, scratch) },
            },
            Part::ColumnSum(part) => match stage.dtype {
                // SAFETY: as above.
                DType::F64 => unsafe { part.run::<f64>(worker, scratch) },
                // SAFETY: as above.
                _ => unsafe { part.run::<f32>(worker, scratch) },
            },
            Part::Kernel(range, seen) => {
                // SAFETY: as above.
                unsafe { self.kernel(stage, range.clone(), seen, worker)? }
            }
            Part::Check(port) => {
                let visit = Visit {
                    outer: &[0; crate::MAX_RANK],
                    outer_rank: 0,
                    row: 0,
                    rows: 1,
                    col: 0,
                    cols: 1,
                };
                let address = worker.address(port, &visit);
                // SAFETY: the port is one number inside its buffer, which nobody writes now.
                let finite = unsafe {
                    match port.dtype {
                        DType::F64 => address.cast::<f64>().read().is_finite(),
                        _ => address.cast::<f32>().read().is_finite(),
                    }
                };
                return Ok(finite);
            }
        }
        Ok(true)
    }

    unsafe fn kernel(
        &self,
        stage: &Stage,
        range: std::ops::Range<usize>,
        seen: &[Layout],
        worker: &Worker<'_>,
    ) -> Result<()> {
        let Task::Kernel { kernel, inputs, output } = &stage.task else {
            return Ok(());
        };
        let mut views = [View::new(Layout::contiguous(Shape::SCALAR), Slice::U8(&[])); MAX_KERNEL_INPUTS];
        for ((view, operand), layout) in views.iter_mut().zip(inputs).zip(seen) {
            // SAFETY: what is seen was checked to lie inside its buffer; nobody writes to it now.
            *view = unsafe { self.view(operand.buffer, *layout, worker) };
        }
        let Form::Strided(layout) = output.form else {
            return Err(Error::internal("a kernel writes strided"));
        };
        let dtype = self.program.buffers[output.buffer].dtype;
        let (part, at) = match layout.shape().rank() {
            0 => (*layout.shape(), layout.offset()),
            _ => {
                let part = layout.slice(0, range.start, range.end)?;
                (*part.shape(), part.offset())
            }
        };
        let address = worker.bases[output.buffer].wrapping_add(at * dtype.size());
        // SAFETY: the output is contiguous and inside its buffer, and this range of it is this thread's alone.
        let output = unsafe { ViewMut::new(part, dtype, address) };
        kernel.run(self.isa, &views[..inputs.len()], output, range)
    }

    /// # Safety
    /// The layout lies inside the buffer, and nobody writes between its first and last element while the view lives.
    unsafe fn view<'a>(&self, buffer: usize, layout: Layout, worker: &Worker<'a>) -> View<'a> {
        let dtype = self.program.buffers[buffer].dtype;
        let (start, end) = layout.extent();
        let address = worker.bases[buffer].wrapping_add(start * dtype.size()).cast_const();
        // SAFETY: passed on to the caller.
        let numbers = unsafe { Slice::from_raw(dtype, address, end - start) };
        View::new(layout.rebased(start), numbers)
    }
}

/// Threads and instruction set for [`run_once`].
pub struct Once<'a> {
    /// Instruction set.
    pub isa: Isa,
    /// Threads; `None` for the caller's alone.
    pub pool: Option<&'a mut Pool>,
}

/// Runs one task on tensors: what a define-by-run operation does.
///
/// `build` gets the operands of the inputs, then the operand of the output.
///
/// # Errors
/// As [`Program::new`] and [`Program::run`].
pub fn run_once(
    once: &mut Once<'_>,
    inputs: &[&Tensor],
    output: (DType, Shape),
    build: impl FnOnce(&[Operand], Operand) -> Result<(Task, Split)>,
) -> Result<Tensor> {
    let (dtype, shape) = output;
    let whole: Vec<Tensor> = inputs.iter().map(|x| x.whole()).collect();
    let mut buffers: Vec<BufferSpec> = whole
        .iter()
        .enumerate()
        .map(|(i, x)| BufferSpec {
            dtype: x.dtype(),
            elements: x.elements(),
            place: Place::Input(i),
        })
        .collect();
    let target = buffers.len();
    buffers.push(BufferSpec {
        dtype,
        elements: shape.elements(),
        place: Place::State(0),
    });
    let operands: Vec<Operand> = inputs
        .iter()
        .enumerate()
        .map(|(i, x)| Operand::strided(i, *x.layout()))
        .collect();
    let (task, split) = build(&operands, Operand::strided(target, Layout::contiguous(shape)))?;
    let threads = once.pool.as_ref().map_or(1, |pool| pool.threads());
    let mut program = Program::new(vec![(task, split)], buffers, threads, 0)?;
    let mut memory = Memory::new(threads);
    memory.add_state(dtype, shape.elements())?;
    program.run(
        &mut memory,
        once.pool.as_deref_mut(),
        once.isa,
        &whole.iter().collect::<Vec<_>>(),
    )?;
    let state = memory.state.swap_remove(0);
    Ok(Tensor::from_buffer(state.buffer, dtype, shape))
}
