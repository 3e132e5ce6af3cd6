//! Softmax of many short rows, and their largest numbers: sixteen rows side by side, one to a vector lane.
//!
//! A row of ten classes fills no vector, and a call for each would cost more than the work. Here the rows of a block
//! become lanes. Every number is computed by the operations of `softmax.rs`, in their order (a lane that a short row
//! leaves over adds +0 to a sum of powers, which changes nothing), so the bits are the same; a test compares them.

use super::LANES;
use super::largest::larger;
use super::softmax::power;
use crate::math::Float;

/// A block of rows, turned: `columns[j][r]` belongs to column `j` of row `r`.
struct Block<T> {
    columns: [[T; LANES]; LANES],
    largest: [T; LANES],
    /// Sums of the powers, in f64.
    sums: [f64; LANES],
}

/// Calls `f(row, largest, ln Σ powers)` for each row of `n ≤ 16` numbers: what
/// [`super::largest_and_sum_of_powers`] gives, and the logarithm in f64.
#[inline(always)]
pub fn for_each_short_row<T: Float>(x: &[T], n: usize, mut f: impl FnMut(usize, T, f64)) {
    let mut row = 0;
    for rows in x.chunks(LANES * n.max(1)) {
        let block = Block::new(rows, n);
        let mut logarithms = block.sums;
        for sum in &mut logarithms {
            *sum = Float::ln(*sum);
        }
        let count = rows.len() / n.max(1);
        for (&largest, &logarithm) in block.largest[..count].iter().zip(&logarithms) {
            f(row, largest, logarithm);
            row += 1;
        }
    }
}

/// [`super::softmax_row`] for each row of `n ≤ 16` numbers.
#[inline(always)]
pub fn softmax_short_rows<T: Float>(x: &[T], n: usize, y: &mut [T]) {
    let size = LANES * n.max(1);
    for (x, y) in x.chunks(size).zip(y.chunks_mut(size)) {
        let mut block = Block::new(x, n);
        for column in &mut block.columns[..n] {
            for (power, &sum) in column.iter_mut().zip(&block.sums) {
                *power = *power / T::from_f64(sum);
            }
        }
        for (r, row) in y.chunks_exact_mut(n.max(1)).enumerate() {
            for (y, column) in row.iter_mut().zip(&block.columns) {
                *y = column[r];
            }
        }
    }
}

impl<T: Float> Block<T> {
    /// Leaves powers in `columns`.
    #[inline(always)]
    fn new(x: &[T], n: usize) -> Self {
        let mut columns = columns(x, n);
        let largest = largest(&columns[..n]);
        for column in &mut columns[..n] {
            for (x, &largest) in column.iter_mut().zip(&largest) {
                *x = power(*x - largest);
            }
        }
        let sums = tree(&columns, n);
        Self { columns, largest, sums }
    }
}

/// At most sixteen rows of `n` numbers, turned; rows that are missing hold −∞.
///
/// One column after the other: side by side, the compiler would scatter every number on its own.
#[inline(always)]
fn columns<T: Float>(x: &[T], n: usize) -> [[T; LANES]; LANES] {
    let mut columns = [[T::NEG_INFINITY; LANES]; LANES];
    for (j, column) in columns[..n].iter_mut().enumerate() {
        let numbers = x[j.min(x.len())..].iter().step_by(n);
        for (lane, &x) in column.iter_mut().zip(numbers) {
            *lane = x;
        }
    }
    columns
}

/// The largest number of each row.
#[inline(always)]
fn largest<T: Float>(columns: &[[T; LANES]]) -> [T; LANES] {
    let mut largest = [T::NEG_INFINITY; LANES];
    for column in columns {
        for (largest, &x) in largest.iter_mut().zip(column) {
            *largest = larger(*largest, x);
        }
    }
    for largest in &mut largest {
        *largest = *largest + T::ZERO; // as for one row: which of two zeros was met first does not show
    }
    largest
}

/// How many rows of `n ≤ 16` numbers have their first largest number (the first NaN, if there is one) at `target`.
#[inline(always)]
pub fn count_hits_short_rows<T: Float>(x: &[T], n: usize, target: &[i64]) -> usize {
    let mut correct = 0;
    for (x, target) in x.chunks(LANES * n.max(1)).zip(target.chunks(LANES)) {
        let columns = columns(x, n);
        let (mut best, mut place) = ([T::NEG_INFINITY; LANES], [0_i32; LANES]);
        for (j, column) in columns[..n].iter().enumerate() {
            for ((best, place), &x) in best.iter_mut().zip(&mut place).zip(column) {
                let better = x > *best || (x.is_nan() && !best.is_nan());
                (*best, *place) = if better { (x, j as i32) } else { (*best, *place) };
            }
        }
        let rows = place.iter().zip(target);
        correct += rows.filter(|&(&place, &target)| i64::from(place) == target).count();
    }
    correct
}

/// The tree over the numbers of a row, for all rows at once: the upper half to the lower half, until one is left.
#[inline(always)]
fn tree<T: Float>(columns: &[[T; LANES]; LANES], n: usize) -> [f64; LANES] {
    let mut lanes = [[0.0; LANES]; LANES];
    for (lane, column) in lanes[..n].iter_mut().zip(columns) {
        for (lane, x) in lane.iter_mut().zip(column) {
            *lane = x.to_f64();
        }
    }
    for half in [8, 4, 2, 1] {
        // Lanes from `n` on hold +0, and adding +0 to a power changes nothing.
        for j in 0..half.min(n.saturating_sub(half)) {
            let high = lanes[half + j];
            for (low, high) in lanes[j].iter_mut().zip(high) {
                *low += high;
            }
        }
    }
    lanes[0]
}
