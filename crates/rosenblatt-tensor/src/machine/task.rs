//! What a program is made of: tasks and their operands.

use std::sync::Arc;

use super::{BufferId, Chain, Kernel};
use crate::kernels::product::PANEL;
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
    /// A matrix cut into panels of 32 columns: see [`Packed`].
    Packed(Packed),
}

/// A matrix `[rows, cols]` in panels: element `(i, j)` lies at `(j / 32)·rows·32 + i·32 + j % 32`.
///
/// The right operand of a product in the order the kernel reads it. Columns past `cols` are padding. A matrix of fewer
/// than 32 columns (the weights of a last layer) is a single panel of that many lanes, without padding: to widen it for
/// each product costs less than to keep the padding up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Packed {
    /// Rows of the matrix.
    pub rows: usize,
    /// Columns of the matrix.
    pub cols: usize,
}

impl Packed {
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
}

/// How a task is shared among threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Thread 0 does all of it.
    One,
    /// Every thread does all of it, writing to private buffers.
    Each,
    /// Threads own ranges of this axis of the output space.
    Axis(usize),
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
