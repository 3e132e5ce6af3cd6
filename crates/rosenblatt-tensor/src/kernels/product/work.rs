//! What is computed with the vectors of an instruction set.

use super::vector::Vector;
use super::{Lane, Matrix, Output, Panels, WindowCall, columns, drive, pack, pack_windows};
use std::ops::Range;

/// A call of [`product`](super::product()), [`pack_panels`](super::pack_panels), [`pack_windows`](super::pack_windows()) or
/// [`column_sums`](super::column_sums).
///
/// [`Lane::run`] is compiled with this crate: another crate that calls them does not compile all kernels once more.
pub enum KernelCall<T> {
    /// Operands and result.
    Product(Matrix<T>, Panels<T>, Output<T>),
    /// Matrix, its panels, and where to.
    Pack(Matrix<T>, Range<usize>, *mut T),
    /// Windows of an image, and where to.
    Windows(WindowCall<T>),
    /// Matrix, its columns, and where to.
    Sums(Matrix<T>, Range<usize>, *mut T),
}

impl<T: Lane> KernelCall<T> {
    /// # Safety
    /// As the function that is called, and the CPU has the instruction set of `V`.
    pub(super) unsafe fn run<V: Vector<Lane = T>>(self) {
        // SAFETY: the caller's.
        unsafe {
            match self {
                Self::Product(a, b, c) => drive::drive::<V>(a, b, c),
                Self::Pack(b, panels, out) => pack::pack::<V>(b, panels, out),
                Self::Windows(call) => pack_windows::pack::<V>(call),
                Self::Sums(x, cols, out) => columns::sum::<V>(x, cols, out),
            }
        }
    }
}
