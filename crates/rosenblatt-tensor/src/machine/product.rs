//! Products and column sums, each followed by a chain on every finished tile.

use std::ops::Range;

use super::chain_share::ChainShare;
use super::port::{Port, Walk};
use super::registers::Visit;
use super::run::Worker;
use super::task::{Form, Matrix};
use super::{TILE, memory::BufferSpec};
use crate::kernels::product::{self, Axis, KB, Lane, Output, PANEL, Panels, WindowCall, Windows};
use crate::{DType, Error, MAX_RANK, Result};

/// A matrix operand made ready: where its first element is and how its axes run.
#[derive(Clone, Copy)]
pub(super) struct Side {
    buffer: usize,
    base: isize,
    batch: [isize; MAX_RANK],
    row: Axis,
    col: Axis,
    /// Packed and used as stored: a right operand that needs no packing.
    ready: bool,
    /// Windows of images, and the strides of channels, rows and columns of these.
    windows: Option<(Windows, [isize; 3])>,
}

impl Side {
    /// # Errors
    /// The operand's shape is not `[batch…, rows, cols]`.
    pub(super) fn new(matrix: &Matrix, batch_shape: &[usize], rows: usize, cols: usize) -> Result<Self> {
        let rank = batch_shape.len();
        let side = |base: usize, batch, row, col, ready| Self {
            buffer: matrix.operand.buffer,
            base: base as isize,
            batch,
            row,
            col,
            ready,
            windows: None,
        };
        if let Some(windows) = matrix.windows {
            return Self::of_windows(matrix, windows, batch_shape, [rows, cols]);
        }
        match &matrix.operand.form {
            Form::Strided(layout)
                if layout.shape().split_at_checked(rank) == Some((batch_shape, &[rows, cols]))
                    && !matrix.transposed =>
            {
                let mut batch = [0; MAX_RANK];
                batch[..rank].copy_from_slice(&layout.strides()[..rank]);
                let (row, col) = (layout.strides()[rank], layout.strides()[rank + 1]);
                Ok(side(
                    layout.offset(),
                    batch,
                    Axis::strided(row),
                    Axis::strided(col),
                    false,
                ))
            }
            Form::Packed(packed) if rank == 0 => {
                let (across, down) = (
                    Axis {
                        stride: 1,
                        block: (packed.rows * PANEL) as isize,
                    },
                    Axis::strided(packed.lanes() as isize),
                );
                let ready = packed.lanes() == PANEL;
                match matrix.transposed {
                    false if (packed.rows, packed.cols) == (rows, cols) => {
                        Ok(side(0, [0; MAX_RANK], down, across, ready))
                    }
                    true if (packed.cols, packed.rows) == (rows, cols) => {
                        Ok(side(0, [0; MAX_RANK], across, down, false))
                    }
                    _ => Err(Error::internal(format!("{packed:?} is not a [{rows}, {cols}] matrix"))),
                }
            }
            form @ (Form::Packed(_) | Form::Strided(_)) => {
                Err(Error::internal(format!("{form:?} is not a [{rows}, {cols}] matrix")))
            }
        }
    }

    fn of_windows(matrix: &Matrix, windows: Windows, batch_shape: &[usize], shape: [usize; 2]) -> Result<Self> {
        let rank = batch_shape.len();
        let Form::Strided(layout) = &matrix.operand.form else {
            return Err(Error::internal("windows of a packed operand"));
        };
        let fits = !matrix.transposed
            && windows.is_sound()
            && layout.shape().split_at_checked(rank) == Some((batch_shape, &windows.image))
            && [windows.rows(), windows.cols()] == shape;
        if !fits {
            return Err(Error::internal(format!(
                "{windows:?} of {layout:?} are not a {shape:?} matrix"
            )));
        }
        let mut batch = [0; MAX_RANK];
        batch[..rank].copy_from_slice(&layout.strides()[..rank]);
        let mut strides = [0; 3];
        strides.copy_from_slice(&layout.strides()[rank..]);
        Ok(Self {
            buffer: matrix.operand.buffer,
            base: layout.offset() as isize,
            batch,
            row: Axis::strided(0),
            col: Axis::strided(0),
            ready: false,
            windows: Some((windows, strides)),
        })
    }

    /// How many of `k` rows are packed at once.
    pub(super) fn rows_at_once(&self, k: usize) -> usize {
        if self.windows.is_some() { k.min(WINDOW_ROWS) } else { k }
    }

    fn at(&self, index: &[usize; MAX_RANK], rank: usize) -> isize {
        self.base
            + (0..rank)
                .map(|axis| index[axis] as isize * self.batch[axis])
                .sum::<isize>()
    }
}

/// A thread's share of a product.
pub(super) struct ProductShare {
    pub(super) batch: Walk,
    pub(super) a: Side,
    pub(super) b: Side,
    pub(super) k: usize,
    pub(super) m: usize,
    pub(super) n: usize,
    pub(super) rows: Range<usize>,
    pub(super) panels: Range<usize>,
    pub(super) chain: ChainShare,
    pub(super) cut: Cut,
    /// Whether all of them are (or are single numbers), so that tiles may cover the padding of the last panel.
    pub(super) padded: bool,
    pub(super) size: usize,
}

/// How a share is cut into tiles.
#[derive(Clone, Copy)]
pub(super) struct Cut {
    rows: usize,
    panels: usize,
}

/// Packed columns at once, in bytes: more would only push the left operand out of the cache.
const PACK: usize = 256 << 10;

/// Rows of windows that are packed at once; a multiple of [`KB`].
const WINDOW_ROWS: usize = 8 * KB;

/// Rows of a right operand up to which packing it costs more than it saves.
const DIRECT: usize = 64;

impl Cut {
    /// For a share of `rows` and `panels`; `narrow` tiles do not span panels.
    pub(super) fn new([a, b]: [&Side; 2], [rows, panels]: [usize; 2], row_bytes: usize, narrow: bool) -> Self {
        let most = TILE / PANEL;
        let even = if rows <= most {
            rows
        } else {
            rows.div_ceil(rows.div_ceil(most))
        };
        // Rows that lie in blocks may only be cut between blocks.
        let is_free = a.row == Axis::strided(a.row.stride);
        let rows = if is_free { even.max(1) } else { PANEL };
        let mut at_once = if narrow { 1 } else { TILE / (rows * PANEL) };
        if !b.ready {
            at_once = at_once.min(PACK / row_bytes.max(1));
        }
        Self {
            rows,
            panels: at_once.clamp(1, panels.max(1)),
        }
    }

    /// Most elements of a tile.
    pub(super) fn elements(self) -> usize {
        self.rows * self.panels * PANEL
    }
}

impl ProductShare {
    /// Bytes of scratch: packed columns, a tile, and the chain's registers.
    pub(super) fn scratch(&self) -> usize {
        self.pack_bytes() + self.room_bytes() + self.tile_bytes() + self.chain.scratch()
    }

    fn pack_bytes(&self) -> usize {
        let panels = if self.b.ready { 0 } else { self.cut.panels };
        (panels * self.b.rows_at_once(self.k) * PANEL * self.size).next_multiple_of(64)
    }

    /// Numbers that packing windows needs besides.
    fn room(&self) -> usize {
        let rows = self.b.rows_at_once(self.k);
        let room = |(windows, _): &(Windows, _)| product::window_room(windows, rows, self.cut.panels * PANEL);
        self.b.windows.as_ref().map_or(0, room)
    }

    fn room_bytes(&self) -> usize {
        (self.room() * self.size).next_multiple_of(64)
    }

    fn tile_bytes(&self) -> usize {
        (self.cut.elements() * self.size).next_multiple_of(64)
    }

    /// # Safety
    /// The worker's bases cover the operands, `scratch` has [`ProductShare::scratch`] bytes aligned to 64, and
    /// no one writes what this share reads or touches what it writes.
    pub(super) unsafe fn run<T: Lane>(&self, worker: &Worker<'_>, scratch: *mut u8) {
        // The left operand of all matrices of the batch is the same: they take it a part at a time, while that is near.
        let at_once = self.b.rows_at_once(self.k);
        if at_once < self.k && self.stored().is_some() && self.a.batch == [0; MAX_RANK] {
            for start in (0..self.k).step_by(at_once) {
                let part = start..self.k.min(start + at_once);
                // SAFETY: passed on.
                unsafe { self.groups::<T>(worker, part, scratch) };
            }
            return;
        }
        // SAFETY: passed on.
        unsafe { self.groups::<T>(worker, 0..self.k, scratch) };
    }

    /// Where the product goes, if that is all that happens to it.
    fn stored(&self) -> Option<&Port> {
        self.chain.only_stores_tile().filter(|port| port.col == 1)
    }

    /// The sum over a part of `k` for all matrices and panels; what was summed before it, if it is not the first, is where it goes.
    unsafe fn groups<T: Lane>(&self, worker: &Worker<'_>, part: Range<usize>, scratch: *mut u8) {
        let (cut, rank) = (self.cut, self.batch.outer_rank);
        for i in 0..self.batch.outer_count() {
            let mut index = self.batch.outer_index(i);
            for first in self.panels.clone().step_by(cut.panels) {
                index[rank] = first;
                let panels = first..(first + cut.panels).min(self.panels.end);
                // SAFETY: passed on.
                unsafe { self.group::<T>(worker, &index, [part.clone(), panels], cut.rows, scratch) };
            }
        }
    }

    /// All rows of one group of panels.
    unsafe fn group<T: Lane>(
        &self,
        worker: &Worker<'_>,
        index: &[usize; MAX_RANK],
        [part, panels]: [Range<usize>; 2],
        chunk: usize,
        scratch: *mut u8,
    ) {
        let rank = self.batch.outer_rank;
        let (at_a, at_b) = (self.a.at(index, rank), self.b.at(index, rank));
        // SAFETY: operands were checked against their buffers when the program was built; the scratch is ours.
        unsafe {
            let a = product::Matrix::new(
                worker.element::<T>(self.a.buffer, at_a),
                [self.m, self.k],
                self.a.row,
                self.a.col,
            );
            let packed = |rows: Range<usize>| self.packed::<T>(worker, at_b, [rows, panels.clone()], scratch);
            let at_once = self.b.rows_at_once(self.k);
            let whole = (at_once >= part.len()).then(|| packed(part.clone()));
            // Blocks of the sum that are packed together, one group after the other.
            let product = |a: product::Matrix<T>, c: Output<T>| match whole {
                Some(b) => product::product(
                    worker.isa,
                    a.col_range(part.clone()),
                    b,
                    c.holding_total(part.start > 0),
                ),
                None => part.clone().step_by(at_once).for_each(|start| {
                    let rows = start..part.end.min(start + at_once);
                    let a = a.col_range(rows.clone());
                    product::product(worker.isa, a, packed(rows), c.holding_total(start > 0));
                }),
            };
            let cols = self.n.min(panels.end * PANEL) - panels.start * PANEL;
            let tile = scratch.add(self.pack_bytes() + self.room_bytes());
            let registers = tile.add(self.tile_bytes());
            if let Some(port) = self.stored() {
                product(a.row_range(self.rows.clone()), self.place(worker, port, index, cols));
                return;
            }
            let width = if self.padded {
                cols.next_multiple_of(PANEL)
            } else {
                cols
            };
            for row in self.rows.clone().step_by(chunk) {
                let rows = chunk.min(self.rows.end - row);
                let c = Output::new(tile.cast::<T>(), width, width as isize, PANEL as isize);
                product(a.row_range(row..row + rows), c);
                let visit = Visit {
                    outer: index,
                    outer_rank: rank + 1,
                    row,
                    rows,
                    col: 0,
                    cols: width,
                };
                self.chain.visit(worker, &visit, tile, registers);
            }
        }
    }

    /// Where a product that is all of its task is written.
    unsafe fn place<T: Lane>(
        &self,
        worker: &Worker<'_>,
        port: &Port,
        index: &[usize; MAX_RANK],
        cols: usize,
    ) -> Output<T> {
        let rank = self.batch.outer_rank;
        let at = port.at(index, rank + 1) + self.rows.start as isize * port.row;
        let cols = if self.padded {
            cols.next_multiple_of(PANEL)
        } else {
            cols
        };
        // SAFETY: the caller's; the store was checked against its buffer when the program was built.
        unsafe {
            Output::new(
                worker.element::<T>(port.buffer, at).cast_mut(),
                cols,
                port.row,
                port.outer[rank],
            )
        }
    }

    /// Whether these columns of the right operand can be read where they lie.
    fn is_direct(&self, panels: &Range<usize>) -> bool {
        let rows = self.b.row.is_strided() && self.b.row.stride >= 0 && self.b.col == Axis::strided(1);
        rows && self.b.windows.is_none() && self.k <= DIRECT && panels.end * PANEL <= self.n
    }

    /// Some rows of the right operand's columns, all of them but of windows, as stored or packed into the scratch.
    unsafe fn packed<T: Lane>(
        &self,
        worker: &Worker<'_>,
        at: isize,
        [rows, panels]: [Range<usize>; 2],
        scratch: *mut u8,
    ) -> Panels<T> {
        let (k, stride) = (rows.len(), rows.len() * PANEL);
        // SAFETY: the caller's; padding columns of packed buffers exist and are numbers.
        unsafe {
            let data = worker.element::<T>(self.b.buffer, at);
            if self.b.ready {
                return Panels::new(data, [self.k, self.n], stride).panel_range(panels);
            }
            if self.is_direct(&panels) {
                let row_stride = self.b.row.stride.unsigned_abs();
                let cols = panels.len() * PANEL;
                return Panels::of_rows(data.wrapping_add(panels.start * PANEL), [self.k, cols], row_stride);
            }
            let to = scratch.cast::<T>();
            if let Some((windows, strides)) = &self.b.windows {
                let call = WindowCall {
                    windows: *windows,
                    image: data,
                    strides: *strides,
                    rows,
                    panels: panels.clone(),
                    room: (scratch.add(self.pack_bytes()).cast::<T>(), self.room()),
                    out: to,
                };
                product::pack_windows(worker.isa, call);
            } else {
                let b = product::Matrix::new(data, [self.k, self.n], self.b.row, self.b.col);
                product::pack_panels(worker.isa, b, panels.clone(), to);
            }
            let cols = self.n.min(panels.end * PANEL) - panels.start * PANEL;
            Panels::new(to, [k, cols], stride)
        }
    }
}

/// A thread's share of a column sum.
pub(super) struct ColumnSumShare {
    pub(super) x: Side,
    pub(super) k: usize,
    pub(super) n: usize,
    pub(super) cols: Range<usize>,
    pub(super) chain: ChainShare,
}

impl ColumnSumShare {
    /// Room for the widest type.
    fn tile_bytes(&self) -> usize {
        (self.cols.len().min(TILE) * 8).next_multiple_of(64)
    }

    pub(super) fn scratch(&self) -> usize {
        self.tile_bytes() + self.chain.scratch()
    }

    /// # Safety
    /// As [`ProductShare::run`].
    pub(super) unsafe fn run<T: Lane>(&self, worker: &Worker<'_>, scratch: *mut u8) {
        let registers = scratch.wrapping_add(self.tile_bytes());
        for col in self.cols.clone().step_by(TILE) {
            let cols = TILE.min(self.cols.end - col);
            // SAFETY: the caller's; the operand was checked when the program was built.
            unsafe {
                let x = worker.element::<T>(self.x.buffer, self.x.base);
                let x = product::Matrix::new(x, [self.k, self.n], self.x.row, self.x.col);
                product::column_sums(worker.isa, x, col..col + cols, scratch.cast::<T>());
                let visit = Visit {
                    outer: &[0; MAX_RANK],
                    outer_rank: 0,
                    row: 0,
                    rows: 1,
                    col,
                    cols,
                };
                self.chain.visit(worker, &visit, scratch, registers);
            }
        }
    }
}

/// Type of the numbers a product works on.
pub(super) fn lane_dtype(a: &BufferSpec, b: &BufferSpec) -> Result<DType> {
    match a.dtype {
        DType::F32 | DType::F64 if a.dtype == b.dtype => Ok(a.dtype),
        DType::F32 | DType::F64 | DType::U8 | DType::I64 | DType::Bool => {
            Err(Error::internal(format!("a product of {} and {}", a.dtype, b.dtype)))
        }
    }
}
