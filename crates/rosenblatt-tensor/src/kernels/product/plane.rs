//! What some windows see of an image, copied so that neighboring windows see neighboring numbers.

use std::ops::Range;

use super::{Lane, Windows};

/// The places of an image that some windows see, `[channels, rows, places across]`: its elements, and zeros where it has none.
///
/// The places across are sorted by their remainder by the step, so that those of neighboring windows are neighbors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plane {
    windows: Windows,
    /// The channels.
    channels: [usize; 2],
    /// The first place down.
    top: isize,
    rows: usize,
    /// The place across that comes first; places go on to the right, or to the left if windows do.
    left: isize,
    /// How many places across there are for each remainder.
    width: usize,
    /// The window that is first across.
    first: usize,
}

/// More numbers than this are not copied.
const LARGEST: usize = 1 << 19;

/// Numbers after the last one that a vector may reach.
const SLACK: usize = 16;

/// The places along an axis between those of the corners, and how many they are.
fn between(windows: &Windows, axis: usize, at: [usize; 2], taps: [usize; 2]) -> (isize, usize) {
    let place = |window: usize, tap: usize| windows.place(axis, at[window], taps[tap]);
    let corners = [place(0, 1), place(1, 0), place(1, 1)].into_iter();
    let first = place(0, 0);
    let (low, high) = corners.fold((first, first), |(low, high), place| (low.min(place), high.max(place)));
    (low, (high - low + 1) as usize)
}

impl Plane {
    /// Numbers of scratch for so many channels, rows of windows and rows of their elements; 0 if they are too many to be copied.
    pub(super) fn room(windows: &Windows, channels: usize, [down, taps]: [usize; 2]) -> usize {
        let last = |n: usize| n.saturating_sub(1);
        let (_, rows) = between(windows, 0, [0, last(down)], [0, last(taps)]);
        let (_, places) = between(windows, 1, [0, last(windows.count[1])], [0, last(windows.size[1])]);
        let numbers = Self::numbers([channels, rows, places], windows);
        numbers.filter(|&numbers| numbers <= LARGEST).unwrap_or(0)
    }

    fn numbers([channels, rows, places]: [usize; 3], windows: &Windows) -> Option<usize> {
        let across = places.div_ceil(windows.step[1].unsigned_abs()) * windows.step[1].unsigned_abs();
        channels.checked_mul(rows)?.checked_mul(across)?.checked_add(SLACK)
    }

    /// What windows `cols` show of the image in these rows of the matrix; `None` if there is no room for it.
    #[inline(always)]
    pub(super) fn new(windows: &Windows, rows: Range<usize>, cols: &Range<usize>, room: usize) -> Option<Self> {
        let ([height, width], wide) = (windows.size, windows.count[1].max(1));
        let (taps, last_row, last_col) = (height * width, rows.end - 1, cols.end - 1);
        let channels = [rows.start / taps, last_row / taps + 1];
        let of_taps = if channels[1] - channels[0] == 1 {
            [rows.start / width % height, last_row / width % height]
        } else {
            [0, height - 1]
        };
        let down = [cols.start / wide, last_col / wide];
        let across = if down[0] == down[1] {
            [cols.start % wide, last_col % wide]
        } else {
            [0, wide - 1]
        };
        let (top, rows) = between(windows, 0, down, of_taps);
        let (low, places) = between(windows, 1, across, [0, width - 1]);
        Self::numbers([channels[1] - channels[0], rows, places], windows).filter(|&numbers| numbers <= room)?;
        let step = windows.step[1];
        Some(Self {
            windows: *windows,
            channels,
            top,
            rows,
            left: if step > 0 { low } else { low + places as isize - 1 },
            width: places.div_ceil(step.unsigned_abs()),
            first: across[0],
        })
    }

    /// Numbers of a row.
    #[inline(always)]
    fn stride(&self) -> usize {
        self.width * self.windows.step[1].unsigned_abs()
    }

    /// Where a place across is in a row.
    #[inline(always)]
    fn across(&self, place: isize) -> usize {
        let step = self.windows.step[1];
        let at = (place - self.left).unsigned_abs();
        match step.unsigned_abs() {
            1 => at,
            step => at % step * self.width + at / step,
        }
    }

    /// Where the first element of the window in row `y` at `x` is, from where its element `tap` says.
    #[inline(always)]
    pub(super) fn of_window(&self, y: usize, x: usize) -> isize {
        let row = y as isize * self.windows.step[0] - self.windows.before[0] - self.top;
        row * self.stride() as isize + x as isize - self.first as isize
    }

    /// Where an element of the first window across is, from where its window says.
    #[inline(always)]
    pub(super) fn of_tap(&self, channel: usize, i: usize, j: usize) -> isize {
        let row = ((channel - self.channels[0]) * self.rows) as isize + i as isize * self.windows.dilation[0];
        row * self.stride() as isize + self.across(self.windows.place(1, self.first, j)) as isize
    }

    /// Copies the image, with its zeros.
    ///
    /// # Safety
    /// Every element of the image may be read, and `to` is valid for writes of [`Plane::room`] numbers.
    #[inline(always)]
    pub(super) unsafe fn copy<T: Lane>(&self, image: *const T, strides: [isize; 3], to: *mut T) {
        let stride = self.stride();
        let rows = (self.channels[1] - self.channels[0]) * self.rows;
        for channel in self.channels[0]..self.channels[1] {
            for row in 0..self.rows {
                let to = to.wrapping_add(((channel - self.channels[0]) * self.rows + row) * stride);
                let place = self.top + row as isize;
                let spread = self.windows.spread[0] as isize;
                let element = place.div_euclid(spread);
                let is_there = element * spread == place && (0..self.windows.image[1] as isize).contains(&element);
                // SAFETY: the caller's.
                unsafe {
                    if is_there {
                        let from = image.wrapping_offset(channel as isize * strides[0] + element * strides[1]);
                        self.copy_row(from, strides[2], to);
                    } else {
                        fill(to, stride);
                    }
                }
            }
        }
        // SAFETY: the caller's: what vectors read beyond the last number.
        unsafe { fill(to.wrapping_add(rows * stride), SLACK) };
    }

    /// # Safety
    /// As [`Plane::copy`].
    #[inline(always)]
    unsafe fn copy_row<T: Lane>(&self, from: *const T, across: isize, to: *mut T) {
        let (stride, spread) = (self.stride(), self.windows.spread[1] as isize);
        let right = self.windows.step[1] > 0;
        let (low, high) = if right {
            (self.left, self.left + stride as isize)
        } else {
            (self.left - stride as isize + 1, self.left + 1)
        };
        // The elements whose places are among these.
        let end = |place: isize| {
            (place + spread - 1)
                .div_euclid(spread)
                .clamp(0, self.windows.image[2] as isize)
        };
        let (start, end) = (end(low), end(high));
        // SAFETY: the caller's.
        unsafe {
            if self.windows.step[1] == 1 && spread == 1 && across == 1 && start < end {
                let before = (start - low) as usize;
                let len = (end - start) as usize;
                fill(to, before);
                std::ptr::copy_nonoverlapping(from.wrapping_offset(start), to.wrapping_add(before), len);
                return fill(to.wrapping_add(before + len), stride - before - len);
            }
            fill(to, stride);
            for element in start..end {
                *to.wrapping_add(self.across(element * spread)) = *from.wrapping_offset(element * across);
            }
        }
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
