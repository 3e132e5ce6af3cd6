//! Programs: tasks cut into parts for the threads, checked, with barriers where threads could meet.

use std::ops::Range;
use std::sync::atomic::AtomicBool;

use super::access::{Access, Region};
use super::chain::{ChainPart, MAX_INPUTS, MAX_LOADS, MAX_STEPS, Source};
use super::memory::{BufferSpec, Place};
use super::port::{Port, Walk, collapse};
use super::product::{ColumnSumPart, ProductPart, Side, lane_dtype};
use super::task::{Form, Matrix, Operand, Split, Task};
use super::{Chain, Kernel};
use crate::kernels::product::PANEL;
use crate::{Buffer, DType, Error, Layout, MAX_RANK, Result, Shape};

/// The largest number of inputs of a kernel.
pub(super) const MAX_KERNEL_INPUTS: usize = 8;

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

/// What one thread does in a stage.
pub(super) enum Part {
    Idle,
    Map(Walk, ChainPart),
    Product(ProductPart),
    ColumnSum(ColumnSumPart),
    Kernel(Range<usize>),
    Check(Port),
}

/// Columns are cut at multiples of this, so that threads share neither panels nor cache lines.
const COLUMNS: usize = PANEL;

/// Rows are cut at multiples of this: every task cuts at the same places, whatever it computes of a row, so that a
/// thread goes on with the rows it has just made.
const ROWS: usize = 16;

impl Program {
    /// Checks the tasks, cuts them into parts for `threads` threads, and puts the barriers.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Internal`] if an operand does not fit its buffer or its task, or if parts of one task
    /// would meet: faults of whoever built the tasks.
    pub fn new(tasks: Vec<(Task, Split)>, buffers: Vec<BufferSpec>, threads: usize, flags: usize) -> Result<Self> {
        let builder = Builder { buffers: &buffers, threads, flags };
        let mut stages = Vec::with_capacity(tasks.len());
        // What each thread has touched since the last barrier.
        let mut history: Vec<Vec<Access>> = vec![Vec::new(); threads];
        for (task, split) in tasks {
            let parts = (0..threads).map(|t| builder.part(&task, split, t)).collect::<Result<Vec<_>>>()?;
            let touched: Vec<Vec<Access>> = parts.iter().map(|(_, touched)| touched.clone()).collect();
            meet(&touched, &touched, "parts of one task")?;
            let barrier = meet(&history, &touched, "").is_err();
            if barrier {
                history.iter_mut().for_each(Vec::clear);
            }
            history.iter_mut().zip(touched).for_each(|(old, new)| old.extend(new));
            let dtype = builder.dtype(&task)?;
            stages.push(Stage { task, barrier, dtype, parts: parts.into_iter().map(|(part, _)| part).collect() });
        }
        let scratch = (0..threads).map(|t| stages.iter().map(|stage| stage.parts[t].scratch()).max().unwrap_or(0));
        let mut scratch: Vec<Buffer> = scratch.map(Buffer::zeroed).collect();
        let scratch_addresses = Addresses(scratch.iter_mut().map(Buffer::as_mut_ptr).collect());
        let end = |wanted: fn(&BufferSpec) -> Option<usize>| {
            buffers.iter().filter_map(|b| Some(wanted(b)? + b.bytes().next_multiple_of(64))).max().unwrap_or(0)
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
    /// Byte offset in its arena.
    fn at(&self) -> usize {
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
                return Err(Error::internal(format!("{what} touch the same memory on threads {t} and {u}")));
            }
        }
    }
    Ok(())
}

impl Part {
    fn scratch(&self) -> usize {
        match self {
            Self::Map(_, chain) => chain.scratch(),
            Self::Product(part) => part.scratch(),
            Self::ColumnSum(part) => part.scratch(),
            Self::Idle | Self::Kernel(_) | Self::Check(_) => 0,
        }
    }
}

/// Makes parts and lists what they touch.
struct Builder<'a> {
    buffers: &'a [BufferSpec],
    threads: usize,
    flags: usize,
}

type Made = Result<(Part, Vec<Access>)>;

impl Builder<'_> {
    fn part(&self, task: &Task, split: Split, thread: usize) -> Made {
        match task {
            Task::Map { space, chain } => self.map(*space, chain, split, thread),
            Task::Product { space, k, a, b, chain } => self.product(space, *k, [a, b], chain, split, thread),
            Task::ColumnSum { x, chain } => self.column_sum(x, chain, split, thread),
            Task::Kernel { kernel, inputs, output } => self.kernel(kernel.as_ref(), inputs, output, split, thread),
            Task::Check { value } => self.check(value, thread),
        }
    }

    fn dtype(&self, task: &Task) -> Result<DType> {
        match task {
            Task::Product { a, b, .. } => lane_dtype(self.spec(&a.operand)?, self.spec(&b.operand)?),
            Task::ColumnSum { x, .. } => lane_dtype(self.spec(x)?, self.spec(x)?),
            Task::Map { .. } | Task::Kernel { .. } | Task::Check { .. } => Ok(DType::F32),
        }
    }

    fn spec(&self, operand: &Operand) -> Result<&BufferSpec> {
        self.buffers.get(operand.buffer).ok_or_else(|| Error::internal("an operand names no buffer"))
    }

    /// A thread's range of an axis of `len`, in units of `unit`; `None` if it has none.
    fn range(&self, len: usize, unit: usize, split: Split, thread: usize, axis: usize) -> Range<usize> {
        match split {
            Split::One if thread > 0 => 0..0,
            Split::One | Split::Each => 0..len,
            Split::Axis(a) if a != axis => 0..len,
            Split::Axis(_) => {
                let units = len.div_ceil(unit);
                let cut = |t: usize| (units * t / self.threads * unit).min(len);
                cut(thread)..cut(thread + 1)
            }
        }
    }

    fn map(&self, space: Shape, chain: &Chain, split: Split, thread: usize) -> Made {
        self.check_chain(chain, None)?;
        let axis = if let Split::Axis(axis) = split { axis } else { 0 };
        let mut layouts = Vec::new();
        let mut touched = Vec::new();
        let loads = chain.loads.iter().map(|operand| (operand, false));
        for (operand, writes) in loads.chain(chain.stores.iter().map(|(_, operand)| (operand, true))) {
            let spec = self.spec(operand)?;
            let Form::Strided(mut layout) = operand.form else { return Err(Error::internal("a map is strided")) };
            if *layout.shape() != space {
                return Err(Error::internal(format!("{:?} in a map over {space:?}", layout.shape())));
            }
            let unit = if axis + 1 == space.rank() && axis > 0 { COLUMNS } else { ROWS };
            let range = self.range(space.get(axis).copied().unwrap_or(1), unit, split, thread, axis);
            if space.rank() > 0 {
                layout = layout.slice(axis, range.start, range.end)?;
            } else if range.is_empty() {
                return Ok((Part::Idle, Vec::new()));
            }
            touched.push(self.touch(operand.buffer, &layout, thread, writes)?);
            layouts.push((operand.buffer, spec.dtype, layout));
        }
        self.apart(&chain.loads, &chain.stores, &touched)?;
        if layouts.first().is_none_or(|(_, _, layout)| layout.shape().elements() == 0) {
            return Ok((Part::Idle, Vec::new()));
        }
        let (walk, mut ports) = collapse(&layouts);
        let stores = ports.split_off(chain.loads.len());
        Ok((Part::Map(walk, ChainPart::new(chain, ports, stores, DType::F32)), touched.into_iter().flatten().collect()))
    }

    fn product(&self, space: &Shape, k: usize, [a, b]: [&Matrix; 2], chain: &Chain, split: Split, thread: usize) -> Made {
        self.check_chain(chain, Some(lane_dtype(self.spec(&a.operand)?, self.spec(&b.operand)?)?))?;
        let batch_rank = space.rank().checked_sub(2).ok_or_else(|| Error::internal("a product of vectors"))?;
        let [m, n] = [space[batch_rank], space[batch_rank + 1]];
        let dtype = lane_dtype(self.spec(&a.operand)?, self.spec(&b.operand)?)?;
        let rows = self.range(m, if a.transposed { PANEL } else { ROWS }, split, thread, batch_rank);
        let cols = self.range(n, PANEL, split, thread, batch_rank + 1);
        let mut batch = Walk { outer: [1; MAX_RANK], outer_rank: batch_rank, rows: 1, cols: 1 };
        batch.outer[..batch_rank].copy_from_slice(&space[..batch_rank]);
        let bad_axis = matches!(split, Split::Axis(axis) if axis < batch_rank);
        if bad_axis {
            return Err(Error::internal("products are cut by rows or columns"));
        }
        let operands = || chain.loads.iter().chain(chain.stores.iter().map(|(_, operand)| operand));
        let packed = |operand: &Operand| matches!(operand.form, Form::Packed(_));
        let uniform = |operand: &Operand| matches!(operand.form, Form::Strided(l) if l.strides().iter().all(|&s| s == 0));
        let narrow = operands().any(packed);
        let padded = narrow && operands().all(|operand| packed(operand) || uniform(operand));
        let ports = |operands: &mut dyn Iterator<Item = &Operand>| {
            operands.map(|o| Port::of_product(o, self.spec(o)?.dtype, batch_rank, m)).collect::<Result<Vec<_>>>()
        };
        let loads = ports(&mut chain.loads.iter())?;
        let stores = ports(&mut chain.stores.iter().map(|(_, o)| o))?;
        let mut touched = Vec::new();
        if rows.is_empty() || cols.is_empty() || space.elements() == 0 {
            return Ok((Part::Idle, Vec::new()));
        }
        touched.push(self.touch_side(a, (batch_rank, &rows), thread)?);
        touched.push(self.touch_side(b, (batch_rank + 1, &cols), thread)?);
        let sides = touched.len();
        for (operand, writes) in chain.loads.iter().map(|o| (o, false)).chain(chain.stores.iter().map(|(_, o)| (o, true))) {
            touched.push(self.touch_product(operand, space, &rows, &cols, thread, writes)?);
        }
        self.apart(&chain.loads, &chain.stores, &touched[sides..])?;
        let touched: Vec<Option<Access>> = touched;
        let conflicts = |a: &Option<Access>, b: &Option<Access>| matches!((a, b), (Some(a), Some(b)) if a.conflicts(b));
        if touched[..sides].iter().any(|side| touched[sides..].iter().any(|other| conflicts(side, other))) {
            return Err(Error::internal("a product overwrites its own operand"));
        }
        let part = ProductPart {
            batch,
            a: Side::new(a, batch_rank, m, k)?,
            b: Side::new(b, batch_rank, k, n)?,
            k, m, n, rows,
            panels: cols.start / PANEL..cols.end.div_ceil(PANEL),
            chain: ChainPart::new(chain, loads, stores, dtype),
            narrow,
            padded,
            size: dtype.size(),
        };
        Ok((Part::Product(part), touched.into_iter().flatten().collect()))
    }

    fn column_sum(&self, x: &Operand, chain: &Chain, split: Split, thread: usize) -> Made {
        let spec = self.spec(x)?;
        self.check_chain(chain, Some(lane_dtype(spec, spec)?))?;
        let Form::Strided(layout) = x.form else { return Err(Error::internal("a column sum reads strided")) };
        let [k, n] = layout.shape()[..] else { return Err(Error::internal("a column sum of a matrix")) };
        let cols = self.range(n, COLUMNS, split, thread, 0);
        if cols.is_empty() {
            return Ok((Part::Idle, Vec::new()));
        }
        let mut touched: Vec<Access> =
            self.touch(x.buffer, &layout.slice(1, cols.start, cols.end)?, thread, false)?.into_iter().collect();
        let mut layouts = Vec::new();
        for (operand, writes) in chain.loads.iter().map(|o| (o, false)).chain(chain.stores.iter().map(|(_, o)| (o, true))) {
            let Form::Strided(layout) = operand.form else { return Err(Error::internal("a column sum is strided")) };
            if *layout.shape() != [n] {
                return Err(Error::internal(format!("{:?} in a sum of {n} columns", layout.shape())));
            }
            touched.extend(self.touch(operand.buffer, &layout.slice(0, cols.start, cols.end)?, thread, writes)?);
            let port = Port {
                buffer: operand.buffer,
                dtype: self.spec(operand)?.dtype,
                base: layout.offset() as isize,
                outer: [0; MAX_RANK],
                row: 0,
                col: layout.strides()[0],
            };
            layouts.push(port);
        }
        let overwrites = touched.split_first().is_some_and(|(x, rest)| rest.iter().any(|other| x.conflicts(other)));
        if overwrites {
            return Err(Error::internal("a column sum overwrites its own operand"));
        }
        let stores = layouts.split_off(chain.loads.len());
        let chain = ChainPart::new(chain, layouts, stores, spec.dtype);
        let side = Side::new(&Matrix { operand: *x, transposed: false }, 0, k, n)?;
        Ok((Part::ColumnSum(ColumnSumPart { x: side, k, n, cols, chain }), touched))
    }

    fn kernel(&self, kernel: &dyn Kernel, inputs: &[Operand], output: &Operand, split: Split, thread: usize) -> Made {
        let Form::Strided(layout) = output.form else { return Err(Error::internal("a kernel writes strided")) };
        if !layout.is_contiguous() || inputs.len() > MAX_KERNEL_INPUTS {
            return Err(Error::internal("a kernel writes without gaps and reads at most 8 operands"));
        }
        let axis_ok = !matches!(split, Split::Axis(axis) if axis > 0 || layout.shape().rank() == 0);
        let first = layout.shape().first().copied().unwrap_or(1);
        if !axis_ok {
            return Err(Error::internal("a kernel is cut along its first axis"));
        }
        let range = self.range(first, ROWS, split, thread, 0);
        if range.is_empty() && (thread > 0 || split != Split::One) {
            return Ok((Part::Idle, Vec::new()));
        }
        let part = if layout.shape().rank() == 0 { layout } else { layout.slice(0, range.start, range.end)? };
        let writes = self.touch(output.buffer, &part, thread, true)?;
        let scalar = part.shape().rank() == 0;
        let mut touched: Vec<Access> = writes.into_iter().collect();
        for (i, operand) in inputs.iter().enumerate() {
            let Form::Strided(layout) = operand.form else { return Err(Error::internal("a kernel reads strided")) };
            let (start, end) = super::run::seen(kernel, i, &layout, scalar, &range)?.extent();
            let read = self.touch(operand.buffer, &span(start, end)?, thread, false)?;
            if let (Some(write), Some(read)) = (writes, read) && write.overlaps(&read) {
                return Err(Error::internal("a kernel overwrites its own operand"));
            }
            touched.extend(read);
        }
        Ok((Part::Kernel(range), touched))
    }

    fn check(&self, value: &Operand, thread: usize) -> Made {
        let Form::Strided(layout) = value.form else { return Err(Error::internal("a check reads strided")) };
        let dtype = self.spec(value)?.dtype;
        if layout.shape().elements() != 1 || !dtype.is_float() {
            return Err(Error::internal("a check reads one number"));
        }
        let port = Port {
            buffer: value.buffer, dtype, base: layout.offset() as isize, outer: [0; MAX_RANK], row: 0, col: 0,
        };
        Ok((Part::Check(port), self.touch(value.buffer, &layout, thread, false)?.into_iter().collect()))
    }

    /// An error if a chain stores where it loads or stores other elements: then the order of tiles would matter.
    fn apart(&self, loads: &[Operand], stores: &[(Source, Operand)], touched: &[Option<Access>]) -> Result<()> {
        let all: Vec<&Operand> = loads.iter().chain(stores.iter().map(|(_, operand)| operand)).collect();
        for (i, (_, store)) in stores.iter().enumerate() {
            let i = loads.len() + i;
            let meets = |j: usize| matches!((&touched[i], &touched[j]), (Some(a), Some(b)) if a.overlaps(b));
            if (0..all.len()).any(|j| j != i && meets(j) && (j > i || all[j] != store)) {
                return Err(Error::internal("a chain stores where it loads or stores other elements"));
            }
        }
        Ok(())
    }

    fn check_chain(&self, chain: &Chain, tile: Option<DType>) -> Result<()> {
        let known = |source: &Source, steps: usize| match *source {
            Source::Tile => tile.is_some(),
            Source::Load(i) => i < chain.loads.len(),
            Source::Step(i) => i < steps,
        };
        let steps_ok = chain.steps.iter().enumerate().all(|(i, step)| {
            step.inputs.len() <= MAX_INPUTS
                && step.inputs.iter().all(|source| known(source, i))
                && step.watch.is_none_or(|flag| flag < self.flags)
        });
        let stores_ok = chain.stores.iter().all(|(source, _)| known(source, chain.steps.len()));
        let dtype_of = |source: &Source| match *source {
            Source::Tile => tile,
            Source::Load(i) => self.buffers.get(chain.loads[i].buffer).map(|spec| spec.dtype),
            Source::Step(i) => Some(chain.steps[i].dtype),
        };
        let stores_ok = stores_ok
            && chain.stores.iter().all(|(source, operand)| {
                dtype_of(source) == self.buffers.get(operand.buffer).map(|spec| spec.dtype)
            });
        let bounds_ok = chain.loads.len() <= MAX_LOADS && chain.steps.len() <= MAX_STEPS;
        if steps_ok && stores_ok && bounds_ok { Ok(()) } else { Err(Error::internal("a chain refers to what it does not have")) }
    }

    fn region(&self, buffer: usize, thread: usize) -> Result<(Region, &BufferSpec)> {
        let spec = self.buffers.get(buffer).ok_or_else(|| Error::internal("an operand names no buffer"))?;
        let region = match spec.place {
            Place::Arena(_) if spec.dtype == DType::Bool => Region::Truths,
            Place::Arena(_) => Region::Arena,
            Place::Private(_) if spec.dtype == DType::Bool => return Err(Error::internal("truth values are not private")),
            Place::Private(_) => Region::Private(thread),
            Place::State(i) => Region::State(i),
            Place::Input(_) | Place::Constant(_) => Region::ReadOnly,
        };
        Ok((region, spec))
    }

    /// What a strided view touches, after checking that it lies in its buffer and may be written.
    fn touch(&self, buffer: usize, layout: &Layout, thread: usize, writes: bool) -> Result<Option<Access>> {
        let (region, spec) = self.region(buffer, thread)?;
        if layout.extent().1 > spec.elements || (writes && region == Region::ReadOnly) {
            return Err(Error::internal(format!("{layout:?} reaches outside its buffer {buffer} or writes to an input")));
        }
        let axes: Vec<(usize, isize)> = layout.shape().iter().copied().zip(layout.strides().iter().copied()).collect();
        Ok(Access::new(region, spec.at(), layout.offset() as isize, &axes, spec.dtype.size(), writes))
    }

    /// Reading of everything up to an operand's end.
    fn touch_whole(&self, operand: &Operand, thread: usize) -> Result<Option<Access>> {
        let (region, spec) = self.region(operand.buffer, thread)?;
        let end = match operand.form {
            Form::Strided(layout) => layout.extent().1,
            Form::Packed(packed) => packed.elements(),
        };
        if end > spec.elements {
            return Err(Error::internal(format!("{operand:?} reaches outside its buffer")));
        }
        Ok(Access::new(region, spec.at(), 0, &[(end, 1)], spec.dtype.size(), false))
    }

    /// What one side of a product touches, of which only a range of one axis is read.
    fn touch_side(&self, side: &Matrix, (axis, range): (usize, &Range<usize>), thread: usize) -> Result<Option<Access>> {
        match side.operand.form {
            Form::Strided(layout) => {
                self.touch(side.operand.buffer, &layout.slice(axis, range.start, range.end)?, thread, false)
            }
            Form::Packed(packed) => {
                self.touch_whole(&side.operand, thread)?;
                // Panels are columns of the packed matrix, so rows of the transposed one.
                let by_panel = (axis == 1) != side.transposed;
                let panels = Layout::contiguous(Shape::new(&[packed.panels(), packed.rows * PANEL])?);
                let part = if by_panel {
                    panels.slice(0, range.start / PANEL, range.end.div_ceil(PANEL))?
                } else {
                    panels.slice(1, range.start * PANEL, range.end * PANEL)?
                };
                self.touch(side.operand.buffer, &part, thread, false)
            }
        }
    }

    /// What a chain operand of a product touches for a range of rows and columns.
    fn touch_product(
        &self,
        operand: &Operand,
        space: &Shape,
        rows: &Range<usize>,
        cols: &Range<usize>,
        thread: usize,
        writes: bool,
    ) -> Result<Option<Access>> {
        let rank = space.rank();
        match operand.form {
            Form::Strided(layout) => {
                if layout.shape() != space {
                    return Err(Error::internal(format!("{:?} in a product of shape {space:?}", layout.shape())));
                }
                let part = layout.slice(rank - 2, rows.start, rows.end)?.slice(rank - 1, cols.start, cols.end)?;
                self.touch(operand.buffer, &part, thread, writes)
            }
            Form::Packed(packed) => {
                if rank != 2 || (packed.rows, packed.cols) != (space[0], space[1]) {
                    return Err(Error::internal(format!("{packed:?} in a product of shape {space:?}")));
                }
                let panels = Shape::new(&[packed.panels(), packed.rows * PANEL])?;
                let part = Layout::contiguous(panels)
                    .slice(0, cols.start / PANEL, cols.end.div_ceil(PANEL))?
                    .slice(1, rows.start * PANEL, rows.end * PANEL)?;
                self.touch(operand.buffer, &part, thread, writes)
            }
        }
    }
}

/// Everything from element `start` to `end`.
fn span(start: usize, end: usize) -> Result<Layout> {
    Layout::contiguous(Shape::new(&[end])?).slice(0, start, end)
}
