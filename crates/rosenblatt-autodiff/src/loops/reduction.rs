//! Reductions over some of the axes of a tensor.

use std::marker::PhantomData;
use std::ops::Range;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::{Element, Isa, Result, Shape};

use super::by_float;
use super::grid::Grid;

/// Columns folded at once, so that their states fit in registers and on the stack.
pub(crate) const WIDTH: usize = 64;

/// What a reduction does with the numbers that become one; mark both functions `#[inline(always)]`.
pub(crate) trait Fold: Send + Sync + 'static {
    /// One result from numbers in pieces, in row-major order: reductions that include the last axis.
    fn row<'a, T: Float>(pieces: impl Iterator<Item = &'a [T]>) -> T;

    /// A result for each column, at most [`WIDTH`] of them, from rows in row-major order of the reduced axes:
    /// reductions that keep the last axis.
    fn columns<'a, T: Float>(rows: impl Iterator<Item = &'a [T]>, y: &mut [T]);
}

/// The kernel of a reduction over `axes`.
pub(crate) struct Reduce<F> {
    axes: Vec<usize>,
    fold: PhantomData<F>,
}

impl<F> Reduce<F> {
    pub(crate) fn new(axes: &[usize]) -> Self {
        Self {
            axes: axes.to_vec(),
            fold: PhantomData,
        }
    }
}

impl<F: Fold> Kernel for Reduce<F> {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        by_float!(output.dtype(), T => {
            let (x, y) = (inputs[0].contiguous::<T>()?, output.numbers::<T>()?);
            let first = if self.reads(0) == Reads::Rows { 0 } else { range.start * (y.len() / range.len().max(1)) };
            isa.run(self.part(inputs[0].shape(), x, y, first));
            Ok(())
        })
    }

    fn reads(&self, _: usize) -> Reads {
        if self.axes.contains(&0) {
            Reads::Whole
        } else {
            Reads::Rows
        }
    }
}

impl<F: Fold> Reduce<F> {
    fn part<'a, T: Element>(&self, shape: &Shape, x: &'a [T], y: &'a mut [T], first: usize) -> SumPart<'a, F, T> {
        let reduced = Grid::new(shape, |axis| self.axes.contains(&axis));
        let kept = Grid::new(shape, |axis| !self.axes.contains(&axis));
        let to_the_end = self.axes.last() == shape.rank().checked_sub(1).as_ref();
        SumPart {
            x,
            y,
            first,
            reduced,
            kept,
            to_the_end,
            fold: PhantomData::<F>,
        }
    }
}

/// Results `first..first + y.len()`.
struct SumPart<'a, F, T> {
    x: &'a [T],
    y: &'a mut [T],
    first: usize,
    reduced: Grid,
    kept: Grid,
    /// Whether the last axis is reduced.
    to_the_end: bool,
    fold: PhantomData<F>,
}

impl<F: Fold, T: Float> Loop for SumPart<'_, F, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        if self.to_the_end { self.rows() } else { self.columns() }
    }
}

impl<F: Fold, T: Float> SumPart<'_, F, T> {
    #[inline(always)]
    fn rows(self) {
        let (pieces, len) = self.reduced.split_last();
        let count = if len == 0 { 0 } else { pieces.count() };
        for (i, y) in self.y.iter_mut().enumerate() {
            let base = self.kept.offset(self.first + i);
            *y = F::row((0..count).map(|piece| &self.x[base + pieces.offset(piece)..][..len]));
        }
    }

    #[inline(always)]
    fn columns(self) {
        let (rows, len) = self.kept.split_last();
        let mut done = 0;
        while done < self.y.len() {
            let (row, column) = ((self.first + done) / len, (self.first + done) % len);
            let width = WIDTH.min(len - column).min(self.y.len() - done);
            let base = rows.offset(row) + column;
            let numbers = (0..self.reduced.count()).map(|k| &self.x[base + self.reduced.offset(k)..][..width]);
            F::columns(numbers, &mut self.y[done..done + width]);
            done += width;
        }
    }
}
