//! The windows of an image as the columns of a matrix, which is packed panel by panel and never written down as a whole.

use std::ops::Range;

use super::{Lane, PANEL};

/// The windows of images, of which each is a column of a matrix `[channels · height · width of a window, windows]`.
///
/// Element `(c, i, j)` of the window at `(y, x)` is that of the image at `(c, y′, x′)` where
/// `y · step + i · dilation − before = y′ · spread`, the same across; it is 0 where there is no such element: outside of the
/// image, and between its elements if these are spread.
///
/// Windows with a step are those of a convolution; images that are spread are those of its derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Windows {
    /// Channels, height and width of the image.
    pub image: [usize; 3],
    /// Height and width of a window.
    pub size: [usize; 2],
    /// How many windows there are, down and across.
    pub count: [usize; 2],
    /// From one window to the next; not 0.
    pub step: [isize; 2],
    /// From one element of a window to the next; not 0.
    pub dilation: [isize; 2],
    /// By how much the first window begins before the image.
    pub before: [isize; 2],
    /// From one element of the image to the next; at least 1.
    pub spread: [usize; 2],
}

impl Windows {
    /// Elements of a window.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.image[0] * self.size[0] * self.size[1]
    }

    /// Windows.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.count[0] * self.count[1]
    }

    /// Whether every number is in its range, and no place is too far away to be counted.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let far = |axis: usize| {
            let [end, reach] = [
                (self.count[axis], self.step[axis]),
                (self.size[axis], self.dilation[axis]),
            ]
            .map(|(n, by)| n.checked_mul(by.unsigned_abs()));
            let image = self.image[axis + 1].checked_mul(self.spread[axis])?;
            let parts = [end?, reach?, self.before[axis].unsigned_abs(), image];
            parts.into_iter().try_fold(0usize, |sum, part| sum.checked_add(part))
        };
        let mut distances = self.step.iter().chain(&self.dilation);
        distances.all(|&distance| distance != 0)
            && self.spread.iter().all(|&spread| spread > 0)
            && (0..2).all(|axis| far(axis).is_some_and(|far| far <= isize::MAX as usize / 2))
    }

    /// The element of the image along an axis that element `tap` of window `at` shows.
    #[inline(always)]
    fn element(&self, axis: usize, at: usize, tap: usize) -> Option<usize> {
        let place = at as isize * self.step[axis] + tap as isize * self.dilation[axis] - self.before[axis];
        let place = usize::try_from(place).ok()?;
        let element = place / self.spread[axis];
        (element * self.spread[axis] == place && element < self.image[axis + 1]).then_some(element)
    }

    /// Windows of a row for whose element `tap` the image has one, where the step is above 0 and elements are not spread.
    #[inline(always)]
    fn inside(&self, tap: usize, windows: Range<usize>) -> Range<usize> {
        let (step, shift) = (self.step[1], tap as isize * self.dilation[1] - self.before[1]);
        let first = |least: isize| (least + step - 1).div_euclid(step).max(0) as usize;
        // 0 ≤ x · step + shift < width
        let (start, end) = (first(-shift), first(self.image[2] as isize - shift));
        let start = start.clamp(windows.start, windows.end);
        start..end.clamp(start, windows.end)
    }
}

/// Packs panels of the windows of an image, as [`pack_panels`](super::pack_panels) does those of a matrix.
///
/// `strides` are those of channels, rows and columns of the image.
///
/// # Safety
/// The windows are sound ([`Windows::is_sound`]), every element of the image may be read, `out` is valid for writes of `32 · rows` numbers for each panel, and they share no
/// memory.
pub unsafe fn pack_windows<T: Lane>(
    windows: &Windows,
    data: *const T,
    strides: [isize; 3],
    panels: Range<usize>,
    out: *mut T,
) {
    let rows = windows.rows();
    let [height, width] = windows.size;
    for (place, panel) in panels.enumerate() {
        let cols = panel * PANEL..windows.cols().min((panel + 1) * PANEL);
        for row in 0..rows {
            let (channel, i, j) = (row / (height * width), row / width % height, row % width);
            let out = out.wrapping_add((place * rows + row) * PANEL);
            let data = data.wrapping_offset(channel as isize * strides[0]);
            // SAFETY: the caller's; the row of the panel has `PANEL` numbers.
            unsafe { pack_row(windows, data, strides, [i, j], cols.clone(), out) };
        }
    }
}

/// A row of a panel: element `taps` of each window in `cols`, then zeros.
///
/// # Safety
/// As [`pack_windows`].
#[inline(always)]
unsafe fn pack_row<T: Lane>(
    windows: &Windows,
    data: *const T,
    [_, down, across]: [isize; 3],
    [i, j]: [usize; 2],
    cols: Range<usize>,
    out: *mut T,
) {
    let wide = windows.count[1].max(1);
    let mut col = cols.start;
    while col < cols.end {
        let (y, x) = (col / wide, col % wide);
        let len = (wide - x).min(cols.end - col);
        let to = out.wrapping_add(col - cols.start);
        // SAFETY: the caller's; these are `len` numbers of the row.
        unsafe {
            match windows.element(0, y, i) {
                None => fill(to, len),
                Some(row) => {
                    let from = data.wrapping_offset(row as isize * down);
                    pack_part(windows, (from, across), j, x..x + len, to);
                }
            }
        }
        col += len;
    }
    let len = cols.len();
    // SAFETY: the caller's: the rest of the row.
    unsafe { fill(out.wrapping_add(len), PANEL - len) };
}

/// The part of a row of a panel that is from one row of the image.
///
/// # Safety
/// As [`pack_windows`], with room for as many numbers as there are windows.
#[inline(always)]
unsafe fn pack_part<T: Lane>(
    windows: &Windows,
    (from, across): (*const T, isize),
    tap: usize,
    at: Range<usize>,
    to: *mut T,
) {
    let place = |x: usize| to.wrapping_add(x - at.start);
    // SAFETY: the caller's: elements of the image are read, numbers of the row are written.
    unsafe {
        if windows.spread[1] != 1 || windows.step[1] < 0 {
            for x in at.clone() {
                let element = windows.element(1, x, tap);
                let number = element.map_or(T::default(), |element| *from.wrapping_offset(element as isize * across));
                *place(x) = number;
            }
            return;
        }
        let inside = windows.inside(tap, at.clone());
        if inside.is_empty() {
            return fill(to, at.len());
        }
        fill(to, inside.start - at.start);
        let first = inside.start as isize * windows.step[1] + tap as isize * windows.dilation[1] - windows.before[1];
        let (from, stride) = (from.wrapping_offset(first * across), windows.step[1] * across);
        if stride == 1 {
            std::ptr::copy_nonoverlapping(from, place(inside.start), inside.len());
        } else {
            for (n, x) in inside.clone().enumerate() {
                *place(x) = *from.wrapping_offset(n as isize * stride);
            }
        }
        fill(place(inside.end), at.end - inside.end);
    }
}

/// Writes zeros.
///
/// # Safety
/// `to` is valid for writes of so many numbers.
#[inline(always)]
unsafe fn fill<T: Lane>(to: *mut T, len: usize) {
    // SAFETY: the caller's; all bytes 0 are the number 0.
    unsafe { std::ptr::write_bytes(to, 0, len) };
}
