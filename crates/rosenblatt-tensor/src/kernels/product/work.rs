//! What is computed with the vectors of an instruction set.

use super::vector::Vector;
use super::{Lane, Matrix, Output, Panels, columns, drive, pack};
use std::ops::Range;

/// A call of [`product`](super::product()), [`pack_panels`](super::pack_panels) or [`column_sums`](super::column_sums).
///
/// [`Lane::run`] is compiled with this crate: another crate that calls the three does not compile all kernels once more.
pub enum KernelCall<T> {
    /// Operands and result.
    Product(Matrix<T>, Panels<T>, Output<T>),
    /// Matrix, its panels, and where to.
    Pack(Matrix<T>, Range<usize>, *mut T),
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
                Self::Sums(x, cols, out) => columns::sum::<V>(x, cols, out),
            }
        }
    }
}
