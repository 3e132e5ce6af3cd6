//! Where a thread finds an operand while it walks a space tile by tile.

use super::TILE;
use super::task::{Form, Operand};
use crate::kernels::product::PANEL;
use crate::{DType, Error, Layout, MAX_RANK, Result};

/// A box of indices that a thread walks: outer axes one index at a time, the last two in tiles.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk {
    pub(super) outer: [usize; MAX_RANK],
    pub(super) outer_rank: usize,
    pub(super) rows: usize,
    pub(super) cols: usize,
}

/// An operand during a walk: distances in elements along each axis of the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Port {
    pub(super) buffer: usize,
    pub(super) dtype: DType,
    pub(super) base: isize,
    pub(super) outer: [isize; MAX_RANK],
    pub(super) row: isize,
    pub(super) col: isize,
}

impl Walk {
    /// Rows and columns of a tile.
    pub(super) fn tile(&self) -> (usize, usize) {
        let cols = self.cols.min(TILE);
        ((TILE / cols.max(1)).clamp(1, self.rows.max(1)), cols)
    }

    /// Most elements of a tile.
    pub(super) fn tile_elements(&self) -> usize {
        let (rows, cols) = self.tile();
        rows * cols
    }

    pub(super) fn outer_count(&self) -> usize {
        self.outer[..self.outer_rank].iter().product()
    }

    /// The outer index with row-major number `i`.
    pub(super) fn outer_index(&self, mut i: usize) -> [usize; MAX_RANK] {
        let mut index = [0; MAX_RANK];
        for axis in (0..self.outer_rank).rev() {
            index[axis] = i % self.outer[axis];
            i /= self.outer[axis];
        }
        index
    }
}

impl Port {
    /// Where the port is at an outer index.
    pub(super) fn at(&self, index: &[usize; MAX_RANK], rank: usize) -> isize {
        self.base
            + (0..rank)
                .map(|axis| index[axis] as isize * self.outer[axis])
                .sum::<isize>()
    }

    /// For a product: outer axes are the batch axes and the panels, then rows, then lanes.
    pub(super) fn of_product(operand: &Operand, dtype: DType, batch: usize, m: usize) -> Result<Self> {
        let mut outer = [0; MAX_RANK];
        let port = |base: usize, outer, row, col| Self {
            buffer: operand.buffer,
            dtype,
            base: base as isize,
            outer,
            row,
            col,
        };
        match &operand.form {
            Form::Packed(packed) if packed.rows == m && batch == 0 => {
                outer[0] = (m * PANEL) as isize;
                Ok(port(0, outer, packed.lanes() as isize, 1))
            }
            Form::Strided(layout) if layout.shape().rank() == batch + 2 => {
                let strides = layout.strides();
                outer[..batch].copy_from_slice(&strides[..batch]);
                outer[batch] = strides[batch + 1] * PANEL as isize;
                Ok(port(layout.offset(), outer, strides[batch], strides[batch + 1]))
            }
            form @ (Form::Packed(_) | Form::Strided(_)) => Err(Error::internal(format!(
                "operand {form:?} does not fit a product with {m} rows"
            ))),
        }
    }
}

/// Joins axes that every layout walks evenly, then cuts the result into outer axes, rows and columns.
///
/// All layouts have the same shape. The order of elements stays row-major.
pub(super) fn collapse(layouts: &[(usize, DType, Layout)]) -> (Walk, Vec<Port>) {
    let shape = layouts
        .first()
        .map_or(crate::Shape::SCALAR, |(_, _, layout)| *layout.shape());
    let axes: Vec<usize> = (0..shape.rank()).filter(|&axis| shape[axis] != 1).collect();
    // Groups of axes, each to be walked as one: (size, last axis).
    let mut groups: Vec<(usize, usize)> = Vec::new();
    for &axis in &axes {
        let joins = groups.last().is_some_and(|&(_, last)| {
            layouts
                .iter()
                .all(|(_, _, l)| l.strides()[last] == l.strides()[axis] * shape[axis] as isize)
        });
        match groups.last_mut() {
            Some(group) if joins => *group = (group.0 * shape[axis], axis),
            _ => groups.push((shape[axis], axis)),
        }
    }
    let rank = groups.len();
    let outer_rank = rank.saturating_sub(2);
    let mut walk = Walk {
        outer: [1; MAX_RANK],
        outer_rank,
        rows: 1,
        cols: 1,
    };
    for (to, group) in groups[..outer_rank].iter().enumerate() {
        walk.outer[to] = group.0;
    }
    walk.cols = groups.last().map_or(1, |group| group.0);
    walk.rows = if rank >= 2 { groups[rank - 2].0 } else { 1 };
    let port = |(buffer, dtype, layout): &(usize, DType, Layout)| {
        let stride = |group: usize| layout.strides()[groups[group].1];
        let mut outer = [0; MAX_RANK];
        (0..outer_rank).for_each(|group| outer[group] = stride(group));
        let row = if rank >= 2 { stride(rank - 2) } else { 0 };
        let col = if rank >= 1 { stride(rank - 1) } else { 0 };
        Port {
            buffer: *buffer,
            dtype: *dtype,
            base: layout.offset() as isize,
            outer,
            row,
            col,
        }
    };
    (walk, layouts.iter().map(port).collect())
}
