//! Sums, largest numbers and softmax over contiguous rows.
//!
//! # The order of a sum
//!
//! Numbers are taken in logical row-major order and cut into blocks of [`BLOCK`]. Within a block, number `i` is added to
//! lane `i mod` [`LANES`], lanes starting from +0; then the upper half of the lanes is added to the lower half, until
//! one is left. Block sums are added in the order of blocks, from +0. All of it in f64, so f32 data lose nothing until
//! the end. Every way to sum here follows this rule, and gives the same bits.
//!
//! All functions are inlined, so that they are compiled for the instruction set of the loop that calls them.

mod largest;
mod short_rows;
mod softmax;

pub use largest::{argmax, max};
pub use short_rows::{count_hits_short_rows, for_each_short_row, softmax_short_rows};
pub use softmax::{largest_and_sum_of_powers, log_softmax_row, logsumexp_row, softmax_row};

use crate::math::Float;

/// Numbers in a block of a sum.
pub const BLOCK: usize = 1024;

/// Partial sums that a block is spread over.
pub const LANES: usize = 16;

/// A sum under way, for data that come in pieces (the rows of a strided view, one number at a time).
///
/// The result has the same bits however the sequence is cut.
///
/// # Example
/// ```
/// use rosenblatt_tensor::kernels::reduce::{LaneSum, sum_lanes};
///
/// let x = [0.1_f32, 0.2, 0.3];
/// let mut pieces = LaneSum::new();
/// pieces.push(&x[..1]);
/// pieces.push(&x[1..]);
/// assert_eq!(pieces.finish(), sum_lanes(&x));
/// ```
#[derive(Clone, Debug, Default)]
pub struct LaneSum {
    /// Sum of the blocks that are complete.
    total: f64,
    /// Sums of the block under way.
    lanes: [f64; LANES],
    /// Numbers in the block under way, less than [`BLOCK`].
    filled: usize,
}

impl LaneSum {
    /// The sum of nothing.
    #[inline(always)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next numbers.
    #[inline(always)]
    pub fn push<T: Float>(&mut self, x: &[T]) {
        self.push_map(x, T::to_f64);
    }

    /// Adds `f` of the next numbers.
    #[inline(always)]
    pub fn push_map<T: Float>(&mut self, mut x: &[T], f: impl Fn(T) -> f64 + Copy) {
        while !x.is_empty() {
            let (piece, rest) = x.split_at(x.len().min(BLOCK - self.filled));
            self.add(piece, f);
            self.filled += piece.len();
            if self.filled == BLOCK {
                self.total += tree(self.lanes);
                (self.lanes, self.filled) = ([0.0; LANES], 0);
            }
            x = rest;
        }
    }

    /// The sum of all that was added; +0 for nothing.
    #[inline(always)]
    #[must_use]
    pub fn finish(self) -> f64 {
        self.total + tree(self.lanes)
    }

    /// Adds numbers of one block to their lanes: up to lane 0, then all lanes at a time, then what is left.
    #[inline(always)]
    fn add<T: Float>(&mut self, x: &[T], f: impl Fn(T) -> f64 + Copy) {
        let first = self.filled % LANES;
        let (head, x) = x.split_at(x.len().min((LANES - first) % LANES));
        let (rows, tail) = x.as_chunks::<LANES>();
        let mut lanes = add_row(self.lanes, &part_of_row(first, head, f));
        for row in rows {
            lanes = add_row(lanes, &row.map(f));
        }
        self.lanes = add_row(lanes, &part_of_row(0, tail, f));
    }
}

/// `f` of less than [`LANES`] numbers, as a row from lane `first` on; +0 in the other lanes, which changes no sum.
#[inline(always)]
fn part_of_row<T: Float>(first: usize, x: &[T], f: impl Fn(T) -> f64) -> [f64; LANES] {
    let mut row = [0.0; LANES];
    for (lane, &x) in row[first..].iter_mut().zip(x) {
        *lane = f(x);
    }
    row
}

/// One more number in every lane. Lanes are passed by value, and never indexed by a variable, so that they stay in
/// registers.
#[inline(always)]
fn add_row(lanes: [f64; LANES], row: &[f64; LANES]) -> [f64; LANES] {
    std::array::from_fn(|lane| lanes[lane] + row[lane])
}

/// The upper half to the lower half, until one is left.
#[inline(always)]
fn tree(mut lanes: [f64; LANES]) -> f64 {
    for half in [8, 4, 2, 1] {
        let (low, high) = lanes.split_at_mut(half);
        for (low, &mut high) in low.iter_mut().zip(high) {
            *low += high;
        }
    }
    lanes[0]
}

/// A copy of less than [`LANES`] numbers, filled up.
#[inline(always)]
fn padded<T: Float>(x: &[T], fill: T) -> [T; LANES] {
    let mut lanes = [fill; LANES];
    for (lane, &x) in lanes.iter_mut().zip(x) {
        *lane = x;
    }
    lanes
}

/// The sum in f64, before it is rounded to the type of the data.
#[inline(always)]
pub fn sum_lanes<T: Float>(x: &[T]) -> f64 {
    sum_map(x, T::to_f64)
}

/// The sum of `f(x)`, say of squares: `sum_map(x, |v| v.to_f64() * v.to_f64())`.
#[inline(always)]
pub fn sum_map<T: Float>(x: &[T], f: impl Fn(T) -> f64 + Copy) -> f64 {
    let mut sum = LaneSum::new();
    sum.push_map(x, f);
    sum.finish()
}

/// The sum, rounded once to the type of the data; +0 for nothing.
#[inline(always)]
pub fn sum<T: Float>(x: &[T]) -> T {
    T::from_f64(sum_lanes(x))
}
