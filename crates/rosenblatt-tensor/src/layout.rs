//! How the elements of a tensor lie in its storage.

use crate::{Error, MAX_RANK, Result, Shape};

/// Shape, strides and offset, counted in elements.
///
/// Element `[i, j, …]` lies at `offset + i·strides[0] + j·strides[1] + …`. A stride of 0 repeats one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    shape: Shape,
    strides: [isize; MAX_RANK],
    offset: usize,
}

impl Layout {
    /// Row-major without gaps, from the start of the storage.
    #[must_use]
    pub fn contiguous(shape: Shape) -> Self {
        let mut strides = [0; MAX_RANK];
        let mut step = 1;
        for axis in (0..shape.rank()).rev() {
            strides[axis] = step;
            step *= shape[axis].max(1) as isize;
        }
        Self {
            shape,
            strides,
            offset: 0,
        }
    }

    /// Any strides and offset, as NumPy and other libraries have them; a stride may be 0 or negative.
    ///
    /// # Errors
    /// There are not as many strides as axes, or an element would lie before the storage.
    pub fn strided(shape: Shape, strides: &[isize], offset: usize) -> Result<Self> {
        if strides.len() != shape.rank() {
            return Err(Error::shape(format!(
                "expected a stride for each of the {} axes of {shape:?}, got {}",
                shape.rank(),
                strides.len()
            )));
        }
        let mut layout = Self {
            shape,
            strides: [0; MAX_RANK],
            offset,
        };
        layout.strides[..strides.len()].copy_from_slice(strides);
        if layout.extent() == (0, usize::MAX) {
            return Err(Error::shape(format!(
                "{shape:?} with strides {strides:?} from {offset} reaches outside of all memory"
            )));
        }
        Ok(layout)
    }

    /// The sizes.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Distance in elements between neighbors along each axis.
    #[must_use]
    pub fn strides(&self) -> &[isize] {
        &self.strides[..self.shape.rank()]
    }

    /// Index of the first element in the storage.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The same layout, `offset` elements further into the storage.
    #[must_use]
    pub fn shifted(mut self, offset: usize) -> Self {
        self.offset = self.offset.saturating_add(offset);
        self
    }

    /// The same layout in a storage that begins at element `start` of the old one.
    #[must_use]
    pub(crate) fn rebased(mut self, start: usize) -> Self {
        self.offset -= start;
        self
    }

    /// Whether elements follow one another row-major without gaps (wherever the first one is).
    #[must_use]
    pub fn is_contiguous(&self) -> bool {
        let mut step = 1;
        for axis in (0..self.shape.rank()).rev() {
            if self.shape[axis] == 0 {
                return true;
            }
            if self.shape[axis] != 1 && self.strides[axis] != step {
                return false;
            }
            step *= self.shape[axis] as isize;
        }
        true
    }

    /// First and one-past-last storage index touched; an empty range for no elements, and `(0, usize::MAX)`, which no
    /// storage has, for a layout that reaches before its storage or beyond what memory can address.
    #[must_use]
    pub fn extent(&self) -> (usize, usize) {
        if self.shape.elements() == 0 {
            return (self.offset, self.offset);
        }
        let (mut low, mut high) = (self.offset as i128, self.offset as i128);
        for (&size, &stride) in self.shape.iter().zip(self.strides()) {
            let reach = (size as i128 - 1) * stride as i128;
            if reach < 0 { low += reach } else { high += reach }
        }
        match (usize::try_from(low), usize::try_from(high + 1)) {
            (Ok(low), Ok(high)) if high < isize::MAX as usize => (low, high),
            _ => (0, usize::MAX),
        }
    }

    /// Axes in another order; `axes` is a permutation of `0..rank`.
    ///
    /// # Errors
    /// `axes` is not a permutation.
    pub fn permute(&self, axes: &[usize]) -> Result<Self> {
        let rank = self.shape.rank();
        let mut seen = [false; MAX_RANK];
        let distinct = axes.iter().all(|&a| a < rank && !std::mem::replace(&mut seen[a], true));
        if axes.len() != rank || !distinct {
            return Err(Error::shape(format!(
                "{axes:?} does not permute the {rank} axes of {:?}",
                self.shape
            )));
        }
        let mut sizes = [0; MAX_RANK];
        let mut strides = [0; MAX_RANK];
        for (to, &from) in axes.iter().enumerate() {
            sizes[to] = self.shape[from];
            strides[to] = self.strides[from];
        }
        Ok(Self {
            shape: Shape::new(&sizes[..rank])?,
            strides,
            offset: self.offset,
        })
    }

    /// Stretches axes of size 1, and adds leading axes, to reach `shape`.
    ///
    /// # Errors
    /// A size differs and is not 1.
    pub fn broadcast_to(&self, shape: Shape) -> Result<Self> {
        if self.shape.broadcast(&shape)? != shape {
            return Err(Error::shape(format!(
                "{:?} does not broadcast to {shape:?}",
                self.shape
            )));
        }
        let lead = shape.rank() - self.shape.rank();
        let mut strides = [0; MAX_RANK];
        for (axis, &size) in self.shape.iter().enumerate() {
            strides[lead + axis] = if size == 1 && shape[lead + axis] != 1 {
                0
            } else {
                self.strides[axis]
            };
        }
        Ok(Self {
            shape,
            strides,
            offset: self.offset,
        })
    }

    /// Elements `start..end` along `axis`.
    ///
    /// # Errors
    /// The range is not inside the axis.
    pub fn slice(&self, axis: usize, start: usize, end: usize) -> Result<Self> {
        let size = *self
            .shape
            .get(axis)
            .ok_or_else(|| Error::shape(format!("axis {axis} does not exist in {:?}", self.shape)))?;
        if start > end || end > size {
            return Err(Error::shape(format!(
                "{start}..{end} is not inside axis {axis} of {:?}",
                self.shape
            )));
        }
        let mut sizes = [0; MAX_RANK];
        sizes[..self.shape.rank()].copy_from_slice(&self.shape);
        sizes[axis] = end - start;
        // Nothing lies nowhere: an empty part must not point past the storage.
        let shift = if start < end && self.shape.elements() > 0 {
            start as isize * self.strides[axis]
        } else {
            0
        };
        let offset = self
            .offset
            .checked_add_signed(shift)
            .ok_or_else(|| Error::shape("a slice before its storage"))?;
        Ok(Self {
            shape: Shape::new(&sizes[..self.shape.rank()])?,
            strides: self.strides,
            offset,
        })
    }

    /// The same elements, in row-major order, under another shape; `None` if that needs a copy.
    ///
    /// # Errors
    /// The numbers of elements differ.
    pub fn reshape(&self, shape: Shape) -> Result<Option<Self>> {
        if shape.elements() != self.shape.elements() {
            return Err(Error::shape(format!(
                "{:?} has {} elements, {shape:?} has {}",
                self.shape,
                self.shape.elements(),
                shape.elements()
            )));
        }
        if self.is_contiguous() {
            return Ok(Some(Self {
                offset: self.offset,
                ..Self::contiguous(shape)
            }));
        }
        Ok(self.regroup(shape))
    }

    /// Walks both shapes from the left, matching runs of axes with equal element counts; a run can be regrouped
    /// when its old axes lie evenly in memory.
    fn regroup(&self, shape: Shape) -> Option<Self> {
        let old: Vec<(usize, isize)> = self
            .shape
            .iter()
            .copied()
            .zip(self.strides().iter().copied())
            .filter(|&(size, _)| size != 1)
            .collect();
        let mut strides = [0; MAX_RANK];
        let (mut i, mut j) = (0, 0);
        while j < shape.rank() {
            let (first, mut want) = (j, shape[j]);
            j += 1;
            if want == 1 {
                continue;
            }
            let (begin, mut have) = (i, old.get(i)?.0);
            i += 1;
            while want != have {
                if want < have {
                    want *= *shape.get(j)?;
                    j += 1;
                } else {
                    have *= old.get(i)?.0;
                    i += 1;
                }
            }
            let even = old[begin..i]
                .windows(2)
                .all(|pair| pair[0].1 == pair[1].1 * pair[1].0 as isize);
            if !even {
                return None;
            }
            let mut step = old[i - 1].1;
            for axis in (first..j).rev() {
                strides[axis] = step;
                step *= shape[axis] as isize;
            }
        }
        Some(Self {
            shape,
            strides,
            offset: self.offset,
        })
    }

    /// Storage index of the element with row-major number `index`.
    #[must_use]
    pub fn locate(&self, mut index: usize) -> usize {
        let mut place = self.offset as isize;
        for axis in (0..self.shape.rank()).rev() {
            let size = self.shape[axis].max(1);
            place += (index % size) as isize * self.strides[axis];
            index /= size;
        }
        place as usize
    }
}
