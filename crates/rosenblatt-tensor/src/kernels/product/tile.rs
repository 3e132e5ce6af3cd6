//! One tile of the product: a few rows by a few vectors, whose sums stay in registers.
//!
//! Every width, height and instruction set is an instance of one source, [`Tile::run`]. The sum rule lives here:
//! [`Body::block`] is a block's chain, [`Body::join`] adds it to the total.

use super::vector::Vector;
use super::{Axis, KB, PANEL};
use crate::kernels::isa::Loop;
use std::marker::PhantomData;

/// Where a tile reads and writes.
#[derive(Clone, Copy)]
pub struct Tile<T> {
    /// The first row's number for the first `k`.
    pub a: *const T,
    /// From one row of the tile to the next; a tile never crosses a block of rows.
    pub a_row: isize,
    /// Along `k`, from the start of a block.
    pub a_col: Axis,
    /// The first lane of the right-hand side for the first `k`.
    pub b: *const T,
    /// Along `k` on the right-hand side.
    pub b_row: usize,
    /// From one panel of the right-hand side to the next.
    pub b_panel: usize,
    /// Numbers to sum.
    pub k: usize,
    /// The first lane of the first row of the result.
    pub c: *mut T,
    /// From one row of the result to the next.
    pub c_row: isize,
    /// From one panel of the result to the next.
    pub c_panel: isize,
    /// Lanes to write, from the first lane on, across panels; more than the tile has means all.
    pub lanes: usize,
    /// Whether the result holds the total of earlier blocks.
    pub add: bool,
}

/// Computes a tile of fixed height and width.
///
/// # Safety
/// The CPU has the instruction set; the pointers are valid for the tile.
pub type Kernel<T> = unsafe fn(&Tile<T>);

/// The tiles of one width.
pub struct Strip<T: 'static> {
    /// Width in vectors.
    pub vectors: usize,
    /// Height 1, height 2, and so on.
    pub kernels: &'static [Kernel<T>],
}

/// Whether the widest come first, and the last is one vector wide.
pub(super) const fn are_in_order<T>(strips: &[Strip<T>]) -> bool {
    let mut at = strips.len() - 1;
    let mut is_right = strips[at].vectors == 1;
    while at > 0 {
        is_right &= strips[at - 1].vectors > strips[at].vectors;
        at -= 1;
    }
    is_right
}

/// `strips! { 2: 1 2 3; 1: 1 2 }`: tiles two vectors wide of heights 1 to 3, and one vector wide of heights 1 and 2.
macro_rules! strips {
    ($($vectors:literal : $($rows:literal)*);*) => {
        &[$(Strip {
            vectors: $vectors,
            kernels: &[$(crate::kernels::product::tile::kernel::<Self, $rows, $vectors>),*],
        }),*]
    };
}
pub(super) use strips;

/// The kernel of one height and width.
///
/// # Safety
/// As [`Kernel`].
pub(super) unsafe fn kernel<V: Vector, const ROWS: usize, const WIDTH: usize>(tile: &Tile<V::Lane>) {
    // SAFETY: the caller's.
    unsafe { V::run(Body::<V, ROWS, WIDTH>(tile, PhantomData)) }
}

/// `ROWS` rows by `WIDTH` vectors, which may span panels.
///
/// Borrows the tile: a copy would be read in wide pieces, and wait until the narrow writes of the tile, and the results
/// of the tile before it, have left the store buffer.
struct Body<'a, V: Vector, const ROWS: usize, const WIDTH: usize>(&'a Tile<V::Lane>, PhantomData<V>);

impl<V: Vector, const ROWS: usize, const WIDTH: usize> Loop for Body<'_, V, ROWS, WIDTH> {
    type Output = ();

    /// Blocks in order; none at all still gives `+0`.
    #[inline(always)]
    fn run(self) {
        let k = self.0.k;
        let mut done = 0;
        loop {
            let len = KB.min(k - done);
            // SAFETY: the caller of the kernel vouches for the tile, of which `done..done + len` is a part.
            unsafe { self.join(self.block(done, len), done > 0 || self.0.add) };
            done += len;
            if done == k {
                break;
            }
        }
    }
}

impl<V: Vector, const ROWS: usize, const WIDTH: usize> Body<'_, V, ROWS, WIDTH> {
    /// The panel vector `v` lies in, and its first lane there.
    #[inline(always)]
    const fn place(v: usize) -> (usize, usize) {
        (v * V::LANES / PANEL, v * V::LANES % PANEL)
    }

    /// The sums of `k` from `first`, a multiple of `KB`, to `first + len`: one chain each, from +0.
    ///
    /// # Safety
    /// Pointers are valid for the tile.
    #[inline(always)]
    unsafe fn block(&self, first: usize, len: usize) -> [[V; WIDTH]; ROWS] {
        let &Tile { a, a_col, b, b_row, .. } = self.0;
        // SAFETY: the CPU has the instruction set, by the caller of the kernel.
        let mut sums = unsafe { [[V::zero(); WIDTH]; ROWS] };
        let mut done = 0;
        while done < len {
            let even = a_col.even(len - done);
            let a = a.wrapping_offset(a_col.offset(first + done));
            let b = b.wrapping_add((first + done) * b_row);
            // SAFETY: the caller's, for this part of `k`.
            unsafe { self.chain(&mut sums, a, b, even) };
            done += even;
        }
        sums
    }

    /// Goes on with the chains for `len` evenly spaced `k`.
    ///
    /// # Safety
    /// Pointers are valid for `len` steps of the tile.
    #[inline(always)]
    unsafe fn chain(&self, sums: &mut [[V; WIDTH]; ROWS], mut a: *const V::Lane, mut b: *const V::Lane, len: usize) {
        let &Tile {
            a_row,
            a_col,
            b_row,
            b_panel,
            ..
        } = self.0;
        for _ in 0..len {
            let right: [V; WIDTH] = std::array::from_fn(|v| {
                let (panel, lane) = Self::place(v);
                // SAFETY: the caller's; a panel holds all its lanes.
                unsafe { V::load(b.wrapping_add(panel * b_panel + lane)) }
            });
            for (row, sums) in sums.iter_mut().enumerate() {
                // SAFETY: the caller's.
                let left = unsafe { V::splat(a.wrapping_offset(row as isize * a_row)) };
                for (sum, right) in sums.iter_mut().zip(right) {
                    // SAFETY: the CPU has the instruction set, by the caller of the kernel.
                    *sum = unsafe { left.fma(right, *sum) };
                }
            }
            a = a.wrapping_offset(a_col.stride);
            b = b.wrapping_add(b_row);
        }
    }

    /// Writes the sums of a block, or adds them to the totals in place.
    ///
    /// # Safety
    /// Pointers are valid for the tile.
    #[inline(always)]
    unsafe fn join(&self, sums: [[V; WIDTH]; ROWS], add: bool) {
        let &Tile {
            c,
            c_row,
            c_panel,
            lanes,
            ..
        } = self.0;
        for (row, sums) in sums.iter().enumerate() {
            for (v, &sum) in sums.iter().enumerate() {
                let (panel, lane) = Self::place(v);
                let to = c.wrapping_offset(row as isize * c_row + panel as isize * c_panel + lane as isize);
                let n = lanes.saturating_sub(v * V::LANES);
                // SAFETY: the caller's: the first `n` lanes from here on are ours.
                unsafe { if add { V::load_first(to, n).plus(sum) } else { sum }.store_first(to, n) }
            }
        }
    }
}
