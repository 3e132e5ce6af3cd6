//! Where the numbers of a product lie in memory.

use super::PANEL;
use std::ops::Range;

/// Where the indices of one axis lie: in blocks of [`PANEL`], evenly spaced inside a block.
///
/// `offset(i) = (i / PANEL) · block + (i % PANEL) · stride`, in elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// From one index to the next inside a block.
    pub stride: isize,
    /// From one block to the next.
    pub block: isize,
}

impl Axis {
    /// An axis without blocks: `offset(i) = i · stride`.
    pub const fn strided(stride: isize) -> Self {
        Self {
            stride,
            block: stride.wrapping_mul(PANEL as isize),
        }
    }

    /// Elements from index 0 to index `i`.
    #[inline(always)]
    pub const fn offset(self, i: usize) -> isize {
        let (block, rest) = ((i / PANEL) as isize, (i % PANEL) as isize);
        block
            .wrapping_mul(self.block)
            .wrapping_add(rest.wrapping_mul(self.stride))
    }

    /// Whether `offset(i) = i · stride` for all `i`.
    #[inline(always)]
    pub const fn is_strided(self) -> bool {
        self.block == self.stride.wrapping_mul(PANEL as isize)
    }

    /// How many of `len` indices from a multiple of [`PANEL`] on are evenly spaced.
    #[inline(always)]
    pub(super) fn even(self, len: usize) -> usize {
        if self.is_strided() { len } else { len.min(PANEL) }
    }
}

/// A matrix to be read: element `(i, j)` lies at `data + row.offset(i) + col.offset(j)`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<T> {
    pub(super) data: *const T,
    pub(super) rows: usize,
    pub(super) cols: usize,
    pub(super) row: Axis,
    pub(super) col: Axis,
}

impl<T> Matrix<T> {
    /// Describes a matrix; elements may overlap, and strides may be 0 or negative.
    ///
    /// # Safety
    /// As long as this value or a copy is in use, every element may be read from any thread, and none is written.
    pub unsafe fn new(data: *const T, [rows, cols]: [usize; 2], row: Axis, col: Axis) -> Self {
        Self {
            data,
            rows,
            cols,
            row,
            col,
        }
    }

    /// Rows and columns.
    pub fn shape(&self) -> [usize; 2] {
        [self.rows, self.cols]
    }

    /// The same numbers with rows and columns exchanged.
    pub fn transposed(self) -> Self {
        Self {
            rows: self.cols,
            cols: self.rows,
            row: self.col,
            col: self.row,
            ..self
        }
    }

    /// Some of the rows. Where rows lie in blocks, `rows` must start at a multiple of [`PANEL`].
    pub fn row_range(self, rows: Range<usize>) -> Self {
        debug_assert!(rows.end <= self.rows && (self.row.is_strided() || rows.start.is_multiple_of(PANEL)));
        Self {
            data: self.data.wrapping_offset(self.row.offset(rows.start)),
            rows: rows.len(),
            ..self
        }
    }

    /// Some of the columns. Where columns lie in blocks, `cols` must start at a multiple of [`PANEL`].
    pub fn col_range(self, cols: Range<usize>) -> Self {
        self.transposed().row_range(cols).transposed()
    }

    /// Where element `(i, j)` lies; computed without claiming that it exists.
    #[inline(always)]
    pub(super) fn at(&self, i: usize, j: usize) -> *const T {
        self.data
            .wrapping_offset(self.row.offset(i))
            .wrapping_offset(self.col.offset(j))
    }
}

/// The right-hand side of a product, `[k, cols]`, in panels.
///
/// Panel `p` holds columns `32p..32p + 32` as `k` rows of 32 contiguous lanes: element `(i, j)` lies at
/// `data + (j / 32) · panel_stride + i · row_stride + j % 32`, where `row_stride` is 32 if the matrix is packed. Lanes
/// past `cols` may hold any number and are read, but no result depends on them. Fastest if `data` is aligned to 64 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Panels<T> {
    pub(super) data: *const T,
    pub(super) k: usize,
    pub(super) cols: usize,
    pub(super) row_stride: usize,
    pub(super) panel_stride: usize,
}

impl<T> Panels<T> {
    /// Describes packed columns.
    ///
    /// # Safety
    /// As long as this value or a copy is in use, `32 k` elements from the start of each of the `⌈cols / 32⌉` panels
    /// may be read from any thread, and none is written.
    pub unsafe fn new(data: *const T, [k, cols]: [usize; 2], panel_stride: usize) -> Self {
        Self {
            data,
            k,
            cols,
            row_stride: PANEL,
            panel_stride,
        }
    }

    /// A matrix whose rows are contiguous and whole panels wide, seen as panels where it lies.
    ///
    /// For few rows only: far apart, they crowd into few sets of the cache.
    ///
    /// # Safety
    /// As [`Matrix::new`]; `cols` is a multiple of 32.
    pub unsafe fn of_rows(data: *const T, [k, cols]: [usize; 2], row_stride: usize) -> Self {
        debug_assert!(cols.is_multiple_of(PANEL));
        Self {
            data,
            k,
            cols,
            row_stride,
            panel_stride: PANEL,
        }
    }

    /// Rows and columns.
    pub fn shape(&self) -> [usize; 2] {
        [self.k, self.cols]
    }

    /// Some of the panels; a range that reaches past the last panel ends there.
    pub fn panel_range(self, panels: Range<usize>) -> Self {
        let cols = self.cols.min(panels.end * PANEL).saturating_sub(panels.start * PANEL);
        Self {
            data: self.data.wrapping_add(panels.start * self.panel_stride),
            cols,
            ..self
        }
    }

    /// The packed numbers as a matrix, to be read, transposed or packed again.
    pub fn matrix(self) -> Matrix<T> {
        let col = Axis {
            stride: 1,
            block: self.panel_stride as isize,
        };
        Matrix {
            data: self.data,
            rows: self.k,
            cols: self.cols,
            row: Axis::strided(self.row_stride as isize),
            col,
        }
    }
}

/// Where a product is written: row `r`, lane `l` of panel `p` at `data + r · row_stride + p · panel_stride + l`.
///
/// Only lanes with `32p + l < cols` are written. Row-major: `row_stride = n`, `panel_stride = 32`; packed for the next
/// product: `row_stride = 32`, `panel_stride = 32 · rows`.
#[derive(Clone, Copy, Debug)]
pub struct Output<T> {
    pub(super) data: *mut T,
    pub(super) row_stride: isize,
    pub(super) panel_stride: isize,
    pub(super) cols: usize,
    /// Whether it holds the total of earlier blocks.
    pub(super) add: bool,
}

impl<T> Output<T> {
    /// Describes where to write; how many rows there are follows from the product.
    ///
    /// # Safety
    /// While a product writes here, every element of its rows is valid for writes, written by nothing else, and read
    /// by nothing else. No two elements share their place.
    pub unsafe fn new(data: *mut T, cols: usize, row_stride: isize, panel_stride: isize) -> Self {
        Self {
            data,
            row_stride,
            panel_stride,
            cols,
            add: false,
        }
    }

    /// The same if it holds the total of the blocks before, to which those of the product are added; else as it is.
    pub fn holding_total(self, add: bool) -> Self {
        Self { add, ..self }
    }

    /// The rows from `first` on.
    pub fn from_row(self, first: usize) -> Self {
        Self {
            data: self.data.wrapping_offset(self.row_stride.wrapping_mul(first as isize)),
            ..self
        }
    }

    /// Some of the panels; a range that reaches past the last panel ends there.
    pub fn panel_range(self, panels: Range<usize>) -> Self {
        let cols = self.cols.min(panels.end * PANEL).saturating_sub(panels.start * PANEL);
        let start = self.panel_stride.wrapping_mul(panels.start as isize);
        Self {
            data: self.data.wrapping_offset(start),
            cols,
            ..self
        }
    }
}

macro_rules! shareable {
    ($($operand:ident)*) => { $(
        // SAFETY: the constructor's caller promises access from any thread; the value itself only says where.
        unsafe impl<T: Send + Sync> Send for $operand<T> {}
        // SAFETY: as above.
        unsafe impl<T: Send + Sync> Sync for $operand<T> {}
    )* };
}

shareable!(Matrix Panels Output);
