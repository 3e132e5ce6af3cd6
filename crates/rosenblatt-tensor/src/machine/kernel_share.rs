//! A kernel at work: the parts of its operands that one thread reads and fills.

use std::ops::Range;
use std::sync::Arc;

use super::access::Access;
use super::kernel::{Kernel, Reads, View, ViewMut};
use super::run::Worker;
use super::shares::{Builder, Made, Share};
use super::task::{Form, Operand, Partition};
use super::{Slice, memory::BufferId};
use crate::{DType, Error, Layout, Result, Shape};

/// A thread's share of a kernel.
pub(super) struct KernelShare {
    kernel: Arc<dyn Kernel>,
    range: Range<usize>,
    inputs: Vec<RowShare>,
    outputs: Vec<RowShare>,
}

/// The elements of an operand that a share sees: what a view is made of when the buffer's address is known.
struct RowShare {
    buffer: BufferId,
    dtype: DType,
    /// Distance of `numbers` from the buffer's first byte.
    bytes: usize,
    numbers: usize,
    /// As seen from the first of `numbers`.
    layout: Layout,
}

impl RowShare {
    fn new(buffer: BufferId, dtype: DType, layout: &Layout) -> Self {
        let (start, end) = layout.extent();
        Self {
            buffer,
            dtype,
            bytes: start * dtype.size(),
            numbers: end - start,
            layout: layout.rebased(start),
        }
    }
}

impl KernelShare {
    /// Bytes of scratch: the views, of which there may be any number.
    pub(super) fn scratch(&self) -> usize {
        self.view_bytes() + self.outputs.len() * size_of::<ViewMut<'_>>()
    }

    fn view_bytes(&self) -> usize {
        (self.inputs.len() * size_of::<View<'_>>()).next_multiple_of(64)
    }

    /// # Safety
    /// The worker's bases cover the operands, `scratch` has [`KernelShare::scratch`] bytes aligned to 64, and no one
    /// writes what this share reads or touches what it writes.
    pub(super) unsafe fn run(&self, worker: &Worker<'_>, scratch: *mut u8) -> Result<()> {
        let address = |part: &RowShare| worker.element::<u8>(part.buffer, part.bytes as isize);
        let views = scratch.cast::<View<'_>>();
        let places = scratch.wrapping_add(self.view_bytes()).cast::<ViewMut<'_>>();
        for (i, part) in self.inputs.iter().enumerate() {
            // SAFETY: what is seen was checked to lie inside its buffer; there is room for every view.
            unsafe {
                let numbers = Slice::from_raw(part.dtype, address(part), part.numbers);
                views.add(i).write(View::new(part.layout, numbers));
            }
        }
        for (i, part) in self.outputs.iter().enumerate() {
            // SAFETY: outputs were checked to be contiguous, inside their buffers and apart from each other.
            unsafe {
                let place = ViewMut::new(*part.layout.shape(), part.dtype, address(part).cast_mut());
                places.add(i).write(place);
            }
        }
        // SAFETY: all of them were just written; the scratch is this thread's own.
        let (inputs, outputs) = unsafe {
            let inputs = std::slice::from_raw_parts(views, self.inputs.len());
            (inputs, std::slice::from_raw_parts_mut(places, self.outputs.len()))
        };
        self.kernel.run_many(worker.isa, inputs, outputs, self.range.clone())
    }
}

impl Builder<'_> {
    pub(super) fn kernel(
        &self,
        kernel: &Arc<dyn Kernel>,
        [inputs, outputs]: [&[Operand]; 2],
        split: Partition,
        thread: usize,
    ) -> Made {
        let results = outputs.iter().map(result).collect::<Result<Vec<_>>>()?;
        let rows = rows(&results);
        if results.is_empty() || matches!(split, Partition::Axis(axis) if axis > 0 || rows.is_none()) {
            let text = "a kernel has results, and is cut along the first axis that all of them have";
            return Err(Error::internal(text));
        }
        let len = rows.unwrap_or(1);
        let range = self.range(len, self.rows_unit(len), split, thread, 0);
        if range.is_empty() && (thread > 0 || split != Partition::One) {
            return Ok((Share::Idle, Vec::new()));
        }
        let part = |layout: &Layout| match rows {
            Some(_) => layout.slice(0, range.start, range.end),
            None => Ok(*layout),
        };
        let mut touched: Vec<Access> = Vec::new();
        let mut places = Vec::with_capacity(outputs.len());
        for (operand, layout) in outputs.iter().zip(&results) {
            let layout = part(layout)?;
            let write = self.touch(operand.buffer, &layout, thread, true)?;
            if write.is_some_and(|write| touched.iter().any(|other| other.overlaps(&write))) {
                return Err(Error::internal("a kernel writes two results to one place"));
            }
            touched.extend(write);
            places.push(RowShare::new(operand.buffer, self.spec(operand)?.dtype, &layout));
        }
        let writes = touched.len();
        let mut seen = Vec::with_capacity(inputs.len());
        for (i, operand) in inputs.iter().enumerate() {
            let Form::Strided(layout) = operand.form else {
                return Err(Error::internal("a kernel reads strided"));
            };
            // Asked once, here: what was checked is what the kernel will see.
            let layout = match kernel.reads(i) {
                Reads::Rows => part(&layout)?,
                Reads::Whole => layout,
            };
            let (start, end) = layout.extent();
            let read = self.touch(operand.buffer, &span(start, end)?, thread, false)?;
            if read.is_some_and(|read| touched[..writes].iter().any(|write| write.overlaps(&read))) {
                return Err(Error::internal("a kernel overwrites its own operand"));
            }
            touched.extend(read);
            seen.push(RowShare::new(operand.buffer, self.spec(operand)?.dtype, &layout));
        }
        let share = KernelShare {
            kernel: Arc::clone(kernel),
            range,
            inputs: seen,
            outputs: places,
        };
        Ok((Share::Kernel(share), touched))
    }
}

/// Where a kernel writes a result.
fn result(operand: &Operand) -> Result<Layout> {
    match operand.form {
        Form::Strided(layout) if layout.is_contiguous() => Ok(layout),
        Form::Strided(_) | Form::Packed(_) => Err(Error::internal("a kernel writes without gaps")),
    }
}

/// How long the first axis of all results is; `None` if one has none or another length: then they cannot be cut.
fn rows(results: &[Layout]) -> Option<usize> {
    let mut lengths = results.iter().map(|layout| layout.shape().first().copied());
    let first = lengths.next()??;
    lengths.all(|length| length == Some(first)).then_some(first)
}

/// Everything from element `start` to `end`.
fn span(start: usize, end: usize) -> Result<Layout> {
    Layout::contiguous(Shape::new(&[end])?).slice(0, start, end)
}
