//! Packs columns into panels.

use super::vector::Vector;
use super::work::KernelCall;
use super::{Lane, Matrix, PANEL};
use crate::kernels::isa::{Isa, Loop};
use std::marker::PhantomData;
use std::ops::Range;

/// Packs panels `panels` of the columns of `b`, `[k, n]`, for [`product`](super::product()).
///
/// Element `(i, j)` goes to `out + (j / 32 − panels.start) · 32 k + 32 i + j % 32`; lanes past the last column become 0.
/// Fast if `b` has contiguous rows or contiguous columns, in blocks of 32 or not.
///
/// # Safety
/// `b` is as its constructor promises, `out` is valid for writes of `32 k` numbers for each panel, and they share no
/// memory.
pub unsafe fn pack_panels<T: Lane>(isa: Isa, b: Matrix<T>, panels: Range<usize>, out: *mut T) {
    // SAFETY: the caller's.
    unsafe { T::run(isa, KernelCall::Pack(b, panels, out)) }
}

/// # Safety
/// As [`pack_panels`], and the CPU has the instruction set of `V`.
pub(super) unsafe fn pack<V: Vector>(b: Matrix<V::Lane>, panels: Range<usize>, out: *mut V::Lane) {
    // SAFETY: the caller's.
    unsafe {
        V::run(Pack::<V> {
            b,
            panels,
            out,
            vector: PhantomData,
        })
    }
}

struct Pack<V: Vector> {
    b: Matrix<V::Lane>,
    panels: Range<usize>,
    out: *mut V::Lane,
    vector: PhantomData<V>,
}

impl<V: Vector> Loop for Pack<V> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { b, panels, out, .. } = self;
        for (place, panel) in panels.enumerate() {
            let out = out.wrapping_add(place * b.rows * PANEL);
            let cols = panel * PANEL..b.cols.min((panel + 1) * PANEL);
            // SAFETY: the caller's, for this panel.
            unsafe {
                if b.col.stride == 1 {
                    copy::<V>(b, cols, out);
                } else if b.row.stride == 1 {
                    transpose::<V>(b, cols, out);
                } else {
                    gather(b, cols, out);
                }
            }
        }
    }
}

/// A panel whose rows are contiguous.
///
/// # Safety
/// As [`pack`], for the columns `cols` of one panel.
#[inline(always)]
unsafe fn copy<V: Vector>(b: Matrix<V::Lane>, cols: Range<usize>, out: *mut V::Lane) {
    for i in 0..b.rows {
        let (from, to) = (b.at(i, cols.start), out.wrapping_add(i * PANEL));
        for lane in (0..PANEL).step_by(V::LANES) {
            let n = cols.len().saturating_sub(lane);
            // SAFETY: the caller's; only lanes of real columns are read.
            unsafe { V::load_first(from.wrapping_add(lane), n).store(to.wrapping_add(lane)) };
        }
    }
}

/// A panel whose columns are contiguous, square by square.
///
/// # Safety
/// As [`copy`].
#[inline(always)]
unsafe fn transpose<V: Vector>(b: Matrix<V::Lane>, cols: Range<usize>, out: *mut V::Lane) {
    for lane in (0..PANEL).step_by(V::LANES) {
        let lanes = cols.len().saturating_sub(lane).min(V::LANES);
        for i in (0..b.rows).step_by(V::LANES) {
            let rows = (b.rows - i).min(V::LANES);
            let from = |j: usize| b.at(i, cols.start + lane + j);
            // SAFETY: the caller's, for this square.
            unsafe { square::<V>([rows, lanes], from, out.wrapping_add(i * PANEL + lane)) };
        }
    }
}

/// The square at `out`, from its columns: `rows` of its rows are written, and columns from `lanes` on are 0.
///
/// No square crosses a block of rows: its size divides [`PANEL`].
///
/// # Safety
/// The CPU has the instruction set of `V`; `from(j)` is valid for reads of `rows` numbers for `j < lanes`, and `out` for
/// writes of whole vectors in `rows` rows of a panel.
#[inline(always)]
unsafe fn square<V: Vector>([rows, lanes]: [usize; 2], from: impl Fn(usize) -> *const V::Lane, out: *mut V::Lane) {
    // SAFETY: the caller's.
    let mut numbers = unsafe { [V::zero(); MAX_LANES] };
    for (j, column) in numbers.iter_mut().enumerate().take(V::LANES) {
        if j < lanes {
            // SAFETY: the caller's.
            *column = unsafe { V::load_first(from(j), rows) };
        }
    }
    // SAFETY: the caller's.
    let numbers = unsafe { transposed(numbers) };
    for (i, row) in numbers.into_iter().enumerate().take(V::LANES) {
        if i < rows {
            // SAFETY: the caller's.
            unsafe { row.store(out.wrapping_add(i * PANEL)) };
        }
    }
}

/// Room for the longest vector.
const MAX_LANES: usize = 16;

/// The first `V::LANES` vectors as a square, transposed.
///
/// Interleaving row `i` with row `i + n/2` for all `i` turns the address of each number (row, column) in binary one bit
/// to the left; after `log₂ n` rounds rows and columns have changed places.
///
/// # Safety
/// The CPU has the instruction set of `V`.
#[inline(always)]
unsafe fn transposed<V: Vector>(mut square: [V; MAX_LANES]) -> [V; MAX_LANES] {
    for _ in 0..V::LANES.ilog2() {
        let old = square;
        for i in 0..V::LANES / 2 {
            // SAFETY: the caller's.
            let [first, second] = unsafe { old[i].interleave(old[i + V::LANES / 2]) };
            square[2 * i] = first;
            square[2 * i + 1] = second;
        }
    }
    square
}

/// A panel of any strides, number by number.
///
/// # Safety
/// As [`copy`].
#[inline(always)]
unsafe fn gather<T: Lane>(b: Matrix<T>, cols: Range<usize>, out: *mut T) {
    for i in 0..b.rows {
        for lane in 0..PANEL {
            let mut number = T::default();
            if lane < cols.len() {
                // SAFETY: the caller's: the column exists.
                number = unsafe { *b.at(i, cols.start + lane) };
            }
            // SAFETY: the caller's: row `i` of the panel exists.
            unsafe { *out.wrapping_add(i * PANEL + lane) = number };
        }
    }
}
