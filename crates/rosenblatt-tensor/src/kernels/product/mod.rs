//! Matrix products and column sums by the sum rule.
//!
//! # The sum rule
//! Every element of `A · B` is the same number however it is computed: `k` ascends and is cut into blocks of [`KB`];
//! inside a block one chain of fused multiply-adds starts from +0, `s ← fma(a, b, s)`; the blocks' sums are added in
//! order. An empty sum is +0. Column sums follow the same rule with `a = 1`. [`plain`] says it in ten lines, and
//! every path here gives the same bits; only the bits of a NaN, of which the CPU promises nothing, may differ.
//!
//! # How it is fast
//! The right-hand side is packed into panels of 32 columns ([`pack_panels`]), which lie contiguously in the order
//! they are read. The left-hand side is read where it lies, one number at a time, so it may have any strides: row-major,
//! transposed, or packed. A tile of up to 14 rows by 2 vectors keeps its sums in registers (`tile.rs`); rows are cut
//! into tiles of nearly equal height. Few rows take a wider tile, so that enough independent chains are under way.
//!
//! Start reading at [`product()`], then `tile.rs`. Nothing here allocates, and nothing here uses threads: callers divide
//! rows and panels among them.

mod columns;
mod cut;
mod drive;
mod operand;
mod pack;
mod pack_windows;
pub mod plain;
mod plane;
mod tile;
mod vector;
#[cfg(target_arch = "x86_64")]
mod vector_x86;
mod windows;
mod work;

pub use columns::column_sums;
pub use drive::product;
pub use operand::{Axis, Matrix, Output, Panels};
pub use pack::pack_panels;
pub use pack_windows::{WindowCall, pack_windows, window_room};
pub use vector::Lane;
pub use windows::Windows;

/// Columns in a packed panel, and indices in a block of an [`Axis`].
pub const PANEL: usize = 32;

/// Products summed in one chain before the sum joins the total: a part of the definition of every result.
pub const KB: usize = 128;

const _: () = assert!(
    KB.is_multiple_of(PANEL),
    "a block of the sum is whole blocks of an axis"
);
