//! What a program is made of: tasks and their operands.

use std::sync::Arc;

use super::{BufferId, Chain, Kernel};
use crate::kernels::product::{PANEL, Windows};
use crate::{Layout, Shape};

/// Share of a buffer, as a task sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Operand {
    /// The buffer.
    pub buffer: BufferId,
    /// Which of its elements, in which order.
    pub form: Form,
}

/// How the elements of an operand lie in its buffer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// Strided.
    Strided(Layout),
    /// A matrix cut into panels of columns: see [`Packed`].
    Packed(Packed),
}

/// A matrix `[rows, cols]` in panels of `w` = [`Packed::WIDTH`] columns: element `(i, j)` lies at
/// `(j / w)·rows·w + i·w + j % w`.
///
/// The right operand of a product in the order the kernel reads it. Columns past `cols` are padding. A matrix of fewer
/// than `w` columns (the weights of a last layer) is a single panel of that many lanes, without padding: to widen it for
/// each product costs less than to keep the padding up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Packed {
    /// Rows of the matrix.
    pub rows: usize,
    /// Columns of the matrix.
    pub cols: usize,
}

impl Packed {
    /// Columns of a panel of a matrix that has as many.
    pub const WIDTH: usize = PANEL;

    /// Number of panels.
    #[must_use]
    pub fn panels(&self) -> usize {
        self.cols.div_ceil(PANEL)
    }

    /// Columns of a panel, padding included.
    #[must_use]
    pub fn lanes(&self) -> usize {
        self.cols.min(PANEL)
    }

    /// Elements with padding.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.panels() * self.lanes() * self.rows
    }

    /// Place of element `(i, j)`.
    #[must_use]
    pub fn locate(&self, i: usize, j: usize) -> usize {
        (j / PANEL) * self.rows * PANEL + i * self.lanes() + j % PANEL
    }
}

impl Operand {
    /// A whole buffer or a view of it.
    #[must_use]
    pub fn strided(buffer: BufferId, layout: Layout) -> Self {
        Self {
            buffer,
            form: Form::Strided(layout),
        }
    }

    /// A packed matrix that fills its buffer.
    #[must_use]
    pub fn packed(buffer: BufferId, rows: usize, cols: usize) -> Self {
        Self {
            buffer,
            form: Form::Packed(Packed { rows, cols }),
        }
    }
}

/// A matrix operand of a product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Matrix {
    /// Strided: `[batch…, rows, cols]`. Packed: as stored.
    pub operand: Operand,
    /// Whether a packed operand is used transposed. Strided ones are permuted instead.
    pub transposed: bool,
    /// The columns are the windows of images, which the operand shows: strided, `[batch…, channels, height, width]`. Only
    /// of a right operand.
    pub windows: Option<Windows>,
}

impl Matrix {
    /// A strided matrix, `[batch…, rows, cols]`, or a packed one as it is stored.
    #[must_use]
    pub fn new(operand: Operand) -> Self {
        Self {
            operand,
            transposed: false,
            windows: None,
        }
    }
}

/// How a task is shared among threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partition {
    /// Thread 0 does all of it.
    One,
    /// Every thread does all of it, writing to private buffers.
    Each,
    /// Threads own ranges of this axis of the output space.
    Axis(usize),
}

impl Partition {
    /// Rows are cut at multiples of this, if there are as many for each thread: fewer are done as fast by one.
    pub const ROWS: usize = 16;

    /// Columns are cut at multiples of this, so that threads share neither panels nor cache lines.
    pub const COLUMNS: usize = PANEL;

    /// How a product of this shape, `[batch…, m, n]`, is best shared among threads.
    ///
    /// By an axis of the batch that all share evenly, since then a thread can go on with its matrices; else by columns,
    /// of which each thread packs only its own; by rows; by any axis of the batch; [`Partition::One`] if all are short.
    #[must_use]
    pub fn of_product(space: &Shape, threads: usize) -> Self {
        let rank = space.rank();
        let Some((batch, &[m, n])) = space.split_last_chunk().filter(|_| threads > 1) else {
            return Self::One;
        };
        // How many times as fast as one thread: the slowest has `len / threads` of the axis, rounded up.
        let gain = |len: usize| len as f64 / len.div_ceil(threads) as f64;
        let axis = (0..batch.len())
            .rev()
            .max_by(|&a, &b| gain(batch[a]).total_cmp(&gain(batch[b])));
        let enough = space.elements() >= Self::ROWS * Self::COLUMNS * threads;
        match axis.filter(|&axis| enough && batch[axis] > 1) {
            Some(axis) if batch[axis].is_multiple_of(threads) => Self::Axis(axis),
            _ if n >= Self::COLUMNS * threads => Self::Axis(rank - 1),
            _ if m >= Self::ROWS * threads => Self::Axis(rank - 2),
            axis => axis.map_or(Self::One, Self::Axis),
        }
    }
}

/// One unit of work.
#[derive(Clone)]
pub enum Task {
    /// An element-wise chain; every operand has the layout of `space` (broadcast with strides of 0).
    Map {
        /// The common shape.
        space: Shape,
        /// What is computed.
        chain: Chain,
    },
    /// `C = A B`, then the chain, which reads C as [`super::Source::Tile`].
    ///
    /// `space` is `[batch…, m, n]`; chain operands are strided over it, or packed `[m, n]` without batch.
    Product {
        /// Shape of C.
        space: Shape,
        /// The inner size.
        k: usize,
        /// Left operand.
        a: Matrix,
        /// Right operand.
        b: Matrix,
        /// What becomes of C.
        chain: Chain,
    },
    /// `c_j = Σ_i x_ij`, then the chain over `[n]`.
    ColumnSum {
        /// Strided `[k, n]`.
        x: Operand,
        /// What becomes of the sums; its operands have shape `[n]`.
        chain: Chain,
    },
    /// Anything else.
    Kernel {
        /// The loop.
        kernel: Arc<dyn Kernel>,
        /// What it reads.
        inputs: Vec<Operand>,
        /// What it writes, at least one: row-major without gaps. All that can be cut have as long a first axis.
        outputs: Vec<Operand>,
    },
    /// Stops all threads if the scalar is not finite; nothing later in the program is done.
    Check {
        /// One number, in a buffer of which every thread sees the same value.
        value: Operand,
    },
}
