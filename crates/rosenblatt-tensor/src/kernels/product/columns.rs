//! Sums of columns.

use super::vector::Vector;
use super::work::KernelCall;
use super::{KB, Lane, Matrix};
use crate::kernels::isa::{Isa, Loop};
use std::marker::PhantomData;
use std::ops::Range;

/// Sums of the columns `cols` of `x`, `[k, n]`, by the sum rule: the product with a row of ones.
///
/// Sum `j` goes to `out + j − cols.start`. Fast if rows are contiguous, in blocks of 32 or not.
///
/// # Safety
/// `x` is as its constructor promises and has these columns, `out` is valid for writes of a number for each column, and
/// they share no memory.
pub unsafe fn column_sums<T: Lane>(isa: Isa, x: Matrix<T>, cols: Range<usize>, out: *mut T) {
    debug_assert!(cols.end <= x.cols);
    // SAFETY: the caller's.
    unsafe { T::run(isa, KernelCall::Sums(x, cols, out)) }
}

/// # Safety
/// As [`column_sums`], and the CPU has the instruction set of `V`.
pub(super) unsafe fn sum<V: Vector>(x: Matrix<V::Lane>, cols: Range<usize>, out: *mut V::Lane) {
    // SAFETY: the caller's.
    unsafe {
        V::run(Sums::<V> {
            x,
            cols,
            out,
            vector: PhantomData,
        })
    }
}

struct Sums<V: Vector> {
    x: Matrix<V::Lane>,
    cols: Range<usize>,
    out: *mut V::Lane,
    vector: PhantomData<V>,
}

impl<V: Vector> Loop for Sums<V> {
    type Output = ();

    /// As many vectors of columns at once as there are, up to 8, to have independent chains under way.
    #[inline(always)]
    fn run(self) {
        let mut first = self.cols.start;
        while first < self.cols.end {
            let vectors = (self.cols.end - first).div_ceil(V::LANES);
            // SAFETY: the caller vouches for all columns.
            first += V::LANES
                * unsafe {
                    match vectors {
                        8.. => self.group::<8>(first),
                        4.. => self.group::<4>(first),
                        2.. => self.group::<2>(first),
                        _ => self.group::<1>(first),
                    }
                };
        }
    }
}

impl<V: Vector> Sums<V> {
    /// Sums `WIDTH` vectors of columns from `first` on, of which the last may be cut short; returns `WIDTH`.
    ///
    /// # Safety
    /// As [`sum`].
    #[inline(always)]
    unsafe fn group<const WIDTH: usize>(&self, first: usize) -> usize {
        // SAFETY: the caller's, for the first block.
        let mut totals = unsafe { self.block::<WIDTH>(first, 0..KB.min(self.x.rows)) };
        for start in (KB..self.x.rows).step_by(KB) {
            // SAFETY: the caller's, for this block.
            let sums = unsafe { self.block::<WIDTH>(first, start..self.x.rows.min(start + KB)) };
            for (total, sum) in totals.iter_mut().zip(sums) {
                // SAFETY: the CPU has the instruction set, by the caller.
                *total = unsafe { total.plus(sum) };
            }
        }
        for (v, total) in totals.into_iter().enumerate() {
            let col = first + v * V::LANES;
            let to = self.out.wrapping_add(col - self.cols.start);
            // SAFETY: the caller's: only lanes of real columns are written.
            unsafe { total.store_first(to, self.cols.end.saturating_sub(col)) };
        }
        WIDTH
    }

    /// The sums of some rows, one chain each, from +0.
    ///
    /// # Safety
    /// As [`sum`], and the rows exist.
    #[inline(always)]
    unsafe fn block<const WIDTH: usize>(&self, first: usize, rows: Range<usize>) -> [V; WIDTH] {
        let col = self.x.col;
        let contiguous = col.stride == 1 && (col.is_strided() || first.is_multiple_of(V::LANES));
        // SAFETY: the CPU has the instruction set, by the caller.
        let mut sums = unsafe { [V::zero(); WIDTH] };
        for i in rows {
            for (v, sum) in sums.iter_mut().enumerate() {
                let at = first + v * V::LANES;
                let n = self.cols.end.saturating_sub(at);
                // SAFETY: the caller's: only real columns are read, and they are contiguous where that is claimed.
                let numbers = unsafe {
                    if contiguous {
                        V::load_first(self.x.at(i, at), n)
                    } else {
                        gather(self.x, i, at, n)
                    }
                };
                // SAFETY: the CPU has the instruction set, by the caller.
                *sum = unsafe { sum.plus(numbers) };
            }
        }
        sums
    }
}

/// The first `n` columns from `first` of row `i`, all if there are fewer lanes, wherever they lie.
///
/// # Safety
/// The CPU has the instruction set of `V`, and the elements exist.
#[inline(always)]
unsafe fn gather<V: Vector>(x: Matrix<V::Lane>, i: usize, first: usize, n: usize) -> V {
    let mut numbers = [V::Lane::default(); 16];
    for (lane, number) in numbers.iter_mut().enumerate().take(n.min(V::LANES)) {
        // SAFETY: the caller's.
        *number = unsafe { *x.at(i, first + lane) };
    }
    // SAFETY: no vector has more than 16 lanes.
    unsafe { V::load(numbers.as_ptr()) }
}
