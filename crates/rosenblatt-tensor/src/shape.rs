//! Sizes of a tensor along its axes, without heap allocation.

use std::fmt;
use std::ops::Deref;

use crate::{Error, Result};

/// The largest number of axes a tensor may have.
pub const MAX_RANK: usize = 8;

/// The sizes of a tensor along its axes; at most [`MAX_RANK`] of them.
///
/// Dereferences to `&[usize]`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    rank: usize,
    /// Sizes past `rank` are 0, so that equality may compare whole arrays.
    sizes: [usize; MAX_RANK],
}

impl Shape {
    /// The shape of a single number.
    pub const SCALAR: Self = Self {
        rank: 0,
        sizes: [0; MAX_RANK],
    };

    /// A shape with the given sizes.
    ///
    /// # Errors
    /// More than [`MAX_RANK`] axes, or more elements than memory can address.
    pub fn new(sizes: &[usize]) -> Result<Self> {
        if sizes.len() > MAX_RANK {
            return Err(Error::shape(format!(
                "expected at most {MAX_RANK} axes, got {}: {sizes:?}",
                sizes.len()
            )));
        }
        let elements = sizes
            .iter()
            .try_fold(1usize, |product, &size| product.checked_mul(size.max(1)));
        if elements.is_none_or(|n| n > isize::MAX as usize / 8) {
            return Err(Error::shape(format!(
                "{sizes:?} has more elements than memory can hold"
            )));
        }
        let mut shape = Self {
            rank: sizes.len(),
            sizes: [0; MAX_RANK],
        };
        shape.sizes[..sizes.len()].copy_from_slice(sizes);
        Ok(shape)
    }

    /// Number of axes.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// Number of elements: the product of the sizes, 1 for a scalar.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.iter().product()
    }

    /// Turns `-1` (the last axis) and the like into an index.
    ///
    /// # Errors
    /// The axis does not exist.
    pub fn axis(&self, axis: isize) -> Result<usize> {
        let index = if axis < 0 { axis + self.rank as isize } else { axis };
        usize::try_from(index).ok().filter(|&i| i < self.rank).ok_or_else(|| {
            Error::shape(format!(
                "axis {axis} does not exist in {self:?}, which has {} axes",
                self.rank
            ))
        })
    }

    /// The shape two operands have together: sizes are aligned at the last axis, and a size of 1 stretches.
    ///
    /// # Errors
    /// Two sizes differ and neither is 1.
    pub fn broadcast(&self, other: &Self) -> Result<Self> {
        let rank = self.rank.max(other.rank);
        let mut sizes = [0; MAX_RANK];
        for (i, size) in sizes[..rank].iter_mut().enumerate() {
            let of = |shape: &Self| (i + shape.rank).checked_sub(rank).map_or(1, |j| shape[j]);
            *size = match (of(self), of(other)) {
                (a, b) if a == b => a,
                (1, b) => b,
                (a, 1) => a,
                (a, b) => {
                    return Err(Error::shape(format!(
                        "{self:?} and {other:?} do not broadcast: sizes {a} and {b} on axis {i}"
                    )));
                }
            };
        }
        Self::new(&sizes[..rank])
    }

    /// Drops axis `axis`, or keeps it with size 1.
    #[must_use]
    pub fn without(&self, axes: &[usize], keep: bool) -> Self {
        let mut shape = Self::SCALAR;
        for (axis, &size) in self.iter().enumerate() {
            let size = if axes.contains(&axis) {
                if keep { 1 } else { continue }
            } else {
                size
            };
            shape.sizes[shape.rank] = size;
            shape.rank += 1;
        }
        shape
    }
}

impl Deref for Shape {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.sizes[..self.rank]
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl PartialEq<[usize]> for Shape {
    fn eq(&self, other: &[usize]) -> bool {
        **self == *other
    }
}

impl<const N: usize> PartialEq<[usize; N]> for Shape {
    fn eq(&self, other: &[usize; N]) -> bool {
        **self == *other
    }
}
