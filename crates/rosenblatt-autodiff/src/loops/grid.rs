//! Walks over some of the axes of a tensor without gaps.

use rosenblatt_tensor::{Layout, MAX_RANK, Shape};

/// Some of the axes of a row-major tensor without gaps; neighbors are joined, so that most grids have one axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    pub(super) rank: usize,
    sizes: [usize; MAX_RANK],
    strides: [usize; MAX_RANK],
}

impl Grid {
    /// The axes of `shape` that are `wanted`, in their order.
    pub(super) fn new(shape: &Shape, wanted: impl Fn(usize) -> bool) -> Self {
        let layout = Layout::contiguous(*shape);
        let mut grid = Self {
            rank: 0,
            sizes: [1; MAX_RANK],
            strides: [0; MAX_RANK],
        };
        for axis in (0..shape.rank()).filter(|&axis| wanted(axis)) {
            let joins = axis > 0 && wanted(axis - 1);
            let (at, size) = if joins {
                (grid.rank - 1, grid.sizes[grid.rank - 1])
            } else {
                (grid.rank, 1)
            };
            grid.sizes[at] = size * shape[axis];
            grid.strides[at] = layout.strides()[axis].unsigned_abs();
            grid.rank = at + 1;
        }
        grid
    }

    /// Number of places.
    #[inline(always)]
    pub(super) fn count(&self) -> usize {
        self.sizes[..self.rank].iter().product()
    }

    /// Where place `index`, counted row-major, lies in the tensor.
    #[inline(always)]
    pub(super) fn offset(&self, mut index: usize) -> usize {
        let mut offset = 0;
        for axis in (0..self.rank).rev() {
            offset += index % self.sizes[axis] * self.strides[axis];
            index /= self.sizes[axis];
        }
        offset
    }

    /// The grid without its last axis, and the size of that (1 if there is none).
    pub(super) fn split_last(mut self) -> (Self, usize) {
        let Some(last) = self.rank.checked_sub(1) else {
            return (self, 1);
        };
        self.rank = last;
        (self, self.sizes[last])
    }
}
