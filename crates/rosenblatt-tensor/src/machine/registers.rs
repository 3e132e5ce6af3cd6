//! Registers: tiles of operands brought into reach of a chain's loops, and written back.

use super::chain::{Slice, SliceMut};
use super::port::Port;
use super::run::Worker;
use crate::{DType, Isa, MAX_RANK};

/// Tiles of one visit: where it is and how large.
#[derive(Clone, Copy)]
pub(super) struct Visit<'a> {
    pub(super) outer: &'a [usize; MAX_RANK],
    pub(super) outer_rank: usize,
    pub(super) row: usize,
    pub(super) rows: usize,
    pub(super) col: usize,
    pub(super) cols: usize,
}

/// A register during a visit: an address and whether it is one number for the whole tile.
#[derive(Clone, Copy)]
pub(super) struct Register {
    pub(super) address: *const u8,
    pub(super) dtype: DType,
    pub(super) len: usize,
}

impl Register {
    /// Whether it is at an address as `n` elements.
    pub(super) fn same_place(&self, address: *const u8, n: usize) -> bool {
        std::ptr::eq(self.address, address) && self.len == n
    }

    /// # Safety
    /// Its numbers stay as they are for `'a`.
    pub(super) unsafe fn slice<'a>(&self) -> Slice<'a> {
        // SAFETY: the caller's promise.
        unsafe { Slice::from_raw(self.dtype, self.address, self.len) }
    }

    /// # Safety
    /// Its numbers may be written, and no one else touches them for `'a`.
    pub(super) unsafe fn slice_mut<'a>(&self) -> SliceMut<'a> {
        // SAFETY: the caller's promise.
        unsafe { SliceMut::from_raw(self.dtype, self.address.cast_mut(), self.len) }
    }
}

/// Whether a tile lies row-major without gaps.
pub(super) fn contiguous(port: &Port, visit: &Visit<'_>) -> bool {
    let cols = visit.cols == 1 || port.col == 1;
    // A single column of contiguous rows counts too.
    let rows = visit.rows == 1 || port.row == visit.cols as isize;
    cols && rows
}

/// Brings a tile of an operand into reach: in place if it can be, else copied to `slot`.
pub(super) unsafe fn load(worker: &Worker<'_>, port: &Port, visit: &Visit<'_>, slot: *mut u8) -> Register {
    let address = worker.address(port, visit);
    let same_row = port.row == 0 || visit.rows == 1;
    let same_col = port.col == 0 || visit.cols == 1;
    let register = |address: *const u8, len| Register {
        address,
        dtype: port.dtype,
        len,
    };
    if same_row && same_col {
        return register(address, 1);
    }
    let len = visit.rows * visit.cols;
    if contiguous(port, visit) {
        return register(address, len);
    }
    // SAFETY: the caller vouches for source and slot; element sizes match the type.
    unsafe {
        match port.dtype {
            DType::F32 => read_rows::<u32>(address.cast(), port, visit, slot.cast()),
            DType::F64 | DType::I64 => read_rows::<u64>(address.cast(), port, visit, slot.cast()),
            DType::U8 | DType::Bool => read_rows::<u8>(address.cast(), port, visit, slot),
        }
    }
    register(slot, len)
}

/// Copies a tile of any strides to a slot, row-major.
///
/// # Safety
/// The tile is inside its operand; the slot has room for it and is apart from it.
unsafe fn read_rows<T: Copy>(from: *const T, port: &Port, visit: &Visit<'_>, to: *mut T) {
    let rows = if port.row == 0 { visit.rows.min(1) } else { visit.rows };
    for r in 0..rows {
        // SAFETY: row `r` of the tile is inside the operand and inside the slot.
        unsafe {
            let (from, to) = (from.offset(r as isize * port.row), to.add(r * visit.cols));
            match port.col {
                1 => std::ptr::copy_nonoverlapping(from, to, visit.cols),
                0 => std::slice::from_raw_parts_mut(to, visit.cols).fill(*from),
                step => (0..visit.cols).for_each(|c| *to.add(c) = *from.offset(c as isize * step)),
            }
        }
    }
    // SAFETY: the caller's.
    unsafe { repeat(to, rows * visit.cols, visit.rows * visit.cols) }
}

/// Fills `to` up to `len` with copies of its first `done` elements: twice as many each time.
///
/// # Safety
/// The first `done` elements are filled, and there is room for `len`, a multiple of `done`.
unsafe fn repeat<T: Copy>(to: *mut T, mut done: usize, len: usize) {
    while 0 < done && done < len {
        let more = done.min(len - done);
        // SAFETY: `done..done + more` lies within `len`, behind what is read.
        unsafe { std::ptr::copy_nonoverlapping(to, to.add(done), more) };
        done += more;
    }
}

/// Writes a register to its tile of an operand, unless the step did so itself.
pub(super) unsafe fn store(worker: &Worker<'_>, port: &Port, visit: &Visit<'_>, register: &Register) {
    let address = worker.address(port, visit).cast_mut();
    if std::ptr::eq(address, register.address) {
        return;
    }
    // SAFETY: the caller vouches for both; element sizes match the type.
    unsafe {
        match port.dtype {
            DType::F32 => write_rows::<u32>(register, port, visit, address.cast()),
            DType::F64 | DType::I64 => write_rows::<u64>(register, port, visit, address.cast()),
            DType::U8 | DType::Bool => write_rows::<u8>(register, port, visit, address),
        }
    }
}

unsafe fn write_rows<T: Copy>(from: &Register, port: &Port, visit: &Visit<'_>, to: *mut T) {
    let uniform = from.len == 1 && visit.rows * visit.cols != 1;
    let from = from.address.cast::<T>();
    for r in 0..visit.rows {
        // SAFETY: row `r` of the tile is inside the operand; the register holds the tile row-major, or one number.
        unsafe {
            let to = to.offset(r as isize * port.row);
            for_each_run(visit.cols, port.col, |c, run| {
                let to = to.offset(c as isize * port.col);
                if uniform {
                    (0..run).for_each(|i| *to.add(i) = *from);
                } else {
                    // The same elements may be source and destination when a load is stored where it came from.
                    std::ptr::copy(from.add(r * visit.cols + c), to, run);
                }
            });
        }
    }
}

/// Calls `f(first, length)` for runs of neighbors: one run when the stride is 1, single elements otherwise.
fn for_each_run(cols: usize, stride: isize, mut f: impl FnMut(usize, usize)) {
    if stride == 1 {
        f(0, cols)
    } else {
        (0..cols).for_each(|c| f(c, 1))
    }
}

struct Finite<'a, T>(&'a [T]);

macro_rules! finite {
    ($rust:ty, $mask:expr) => {
        impl crate::kernels::isa::Loop for Finite<'_, $rust> {
            type Output = bool;
            #[inline(always)]
            fn run(self) -> bool {
                // An exponent of all ones is an infinity or NaN; no early exit, so that the loop is vectorized.
                !self
                    .0
                    .iter()
                    .fold(false, |bad, x| bad | (x.to_bits() & $mask == $mask))
            }
        }
    };
}
finite!(f32, 0x7f80_0000);
finite!(f64, 0x7ff0_0000_0000_0000);

pub(super) fn all_finite(isa: Isa, slice: Slice<'_>) -> bool {
    match slice {
        Slice::F32(x) => isa.run(Finite(x)),
        Slice::F64(x) => isa.run(Finite(x)),
        Slice::U8(_) | Slice::I64(_) | Slice::Bool(_) => true,
    }
}
