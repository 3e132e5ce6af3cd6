//! Packs windows of images into panels.
//!
//! The part of the image that the windows see is copied first, with the zeros around and between its elements, so that what
//! a panel takes of a row of it lies side by side, and is copied in whole vectors.

use std::marker::PhantomData;
use std::ops::Range;

use super::plane::Plane;
use super::vector::Vector;
use super::work::KernelCall;
use super::{Lane, PANEL, Windows};
use crate::kernels::isa::{Isa, Loop};

/// What is packed of the windows of an image, and from where to where.
#[derive(Clone, Debug)]
pub struct WindowCall<T> {
    /// How the windows lie.
    pub windows: Windows,
    /// The first element of the image.
    pub image: *const T,
    /// From one channel, row and column of the image to the next.
    pub strides: [isize; 3],
    /// Rows of the matrix of windows.
    pub rows: Range<usize>,
    /// Panels of its columns.
    pub panels: Range<usize>,
    /// Scratch, and for how many numbers it is: [`window_room`] of them make it fast.
    pub room: (*mut T, usize),
    /// For [`PANEL`] numbers of each row of each panel.
    pub out: *mut T,
}

/// From this many elements of a window on, channels are copied one by one, and only what their rows of the matrix see.
const LARGE: usize = 256;

/// Packs panels of the windows of an image, as [`pack_panels`](super::pack_panels) does those of a matrix.
///
/// # Safety
/// The windows are sound ([`Windows::is_sound`]), every element of the image may be read, and scratch and place are valid for
/// writes and share no memory with the image or each other.
pub unsafe fn pack_windows<T: Lane>(isa: Isa, call: WindowCall<T>) {
    // SAFETY: the caller's.
    unsafe { T::run(isa, KernelCall::Windows(call)) }
}

/// Numbers of scratch for packing at most so many rows and columns at once; 0 if they are too many to be copied.
#[must_use]
pub fn window_room(windows: &Windows, rows: usize, cols: usize) -> usize {
    // Columns and rows that begin inside of a row reach into one more.
    let spans = |count: usize, of: usize, all: usize| (count.div_ceil(of.max(1)) + 1).min(all);
    let down = spans(cols, windows.count[1], windows.count[0]);
    let [height, width] = windows.size;
    match height * width {
        LARGE.. => Plane::room(windows, 1, [down, spans(rows, width, height)]),
        taps => Plane::room(windows, spans(rows, taps, windows.image[0]), [down, height]),
    }
}

/// # Safety
/// As [`pack_windows`], and the CPU has the instruction set of `V`.
pub(super) unsafe fn pack<V: Vector>(call: WindowCall<V::Lane>) {
    // SAFETY: the caller's.
    unsafe { V::run(Pack::<V>(call, PhantomData)) }
}

struct Pack<V: Vector>(WindowCall<V::Lane>, PhantomData<V>);

impl<V: Vector> Loop for Pack<V> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let call = self.0;
        let cols = call.panels.start * PANEL..call.windows.cols().min(call.panels.end * PANEL);
        if call.rows.is_empty() || cols.is_empty() {
            return;
        }
        let taps = call.windows.size[0] * call.windows.size[1];
        let mut start = call.rows.start;
        while start < call.rows.end {
            let end = if taps < LARGE {
                call.rows.end
            } else {
                call.rows.end.min((start / taps + 1) * taps)
            };
            // SAFETY: the caller's.
            unsafe {
                match Plane::new(&call.windows, start..end, &cols, call.room.1) {
                    Some(plane) => {
                        plane.copy(call.image, call.strides, call.room.0);
                        panels::<V>(&call, &plane, start..end);
                    }
                    None => one_by_one(&call, start..end),
                }
            }
            start = end;
        }
    }
}

impl<T> WindowCall<T> {
    /// Where a row of the matrix is in a panel of those that are packed.
    #[inline(always)]
    fn place(&self, panel: usize, row: usize) -> *mut T {
        let before = (panel - self.panels.start) * self.rows.len() + row - self.rows.start;
        self.out.wrapping_add(before * PANEL)
    }
}

/// A vector that is copied: a part of the columns of a panel, whose windows lie in one row.
#[derive(Clone, Copy, Default)]
struct Piece {
    /// Where its first number is in the plane, from that of the row of the matrix.
    from: isize,
    /// Its first column in the panel.
    to: usize,
    /// Its columns, at most as many as a vector has lanes.
    len: usize,
}

/// The pieces of a panel, and how many there are.
#[inline(always)]
fn pieces(windows: &Windows, plane: &Plane, cols: Range<usize>, lanes: usize) -> ([Piece; PANEL], usize) {
    let (mut pieces, mut count) = ([Piece::default(); PANEL], 0);
    let (wide, mut col) = (windows.count[1].max(1), cols.start);
    while col < cols.end {
        let (y, x) = (col / wide, col % wide);
        let len = (wide - x).min(cols.end - col).min(lanes);
        pieces[count] = Piece {
            from: plane.of_window(y, x),
            to: col - cols.start,
            len,
        };
        (count, col) = (count + 1, col + len);
    }
    (pieces, count)
}

/// Copies the pieces of some rows of every panel. Vectors may reach into the next row, which is written after them.
///
/// # Safety
/// As [`pack`], and the plane was copied into the scratch.
#[inline(always)]
unsafe fn panels<V: Vector>(call: &WindowCall<V::Lane>, plane: &Plane, rows: Range<usize>) {
    let windows = &call.windows;
    let [height, width] = windows.size;
    for panel in call.panels.clone() {
        let cols = panel * PANEL..windows.cols().min((panel + 1) * PANEL);
        let (pieces, count) = pieces(windows, plane, cols.clone(), V::LANES);
        let row = Row::<V> {
            pieces: &pieces[..count],
            cols: cols.len(),
            vector: PhantomData,
        };
        let mut out = call.place(panel, rows.start);
        let [mut channel, mut i, mut j] = [
            rows.start / (height * width),
            rows.start / width % height,
            rows.start % width,
        ];
        for left in (0..rows.len()).rev() {
            let from = call.room.0.cast_const().wrapping_offset(plane.of_tap(channel, i, j));
            // SAFETY: the caller's; after the last number of the plane there is room for a vector to read.
            unsafe {
                if left > 0 {
                    row.copy(from, out)
                } else {
                    row.copy_exactly(from, out)
                }
            }
            out = out.wrapping_add(PANEL);
            j += 1;
            if j == width {
                (i, j) = (i + 1, 0);
            }
            if i == height {
                (channel, i) = (channel + 1, 0);
            }
        }
    }
}

/// How a row of a panel is copied from the plane.
struct Row<'a, V> {
    pieces: &'a [Piece],
    /// Columns; the others are 0.
    cols: usize,
    vector: PhantomData<V>,
}

impl<V: Vector> Row<'_, V> {
    /// # Safety
    /// The CPU has the instruction set of `V`; vectors may be read from, and written to, the places of the pieces.
    #[inline(always)]
    unsafe fn copy(&self, from: *const V::Lane, to: *mut V::Lane) {
        for piece in self.pieces {
            // SAFETY: the caller's.
            unsafe { V::load(from.wrapping_offset(piece.from)).store(to.wrapping_add(piece.to)) };
        }
        let mut lane = self.cols;
        while lane < PANEL {
            // SAFETY: the caller's.
            unsafe { V::zero().store(to.wrapping_add(lane)) };
            lane += V::LANES;
        }
    }

    /// The same, and nothing is written beyond the row.
    ///
    /// # Safety
    /// As [`Row::copy`], with the numbers of the row alone.
    #[inline(always)]
    unsafe fn copy_exactly(&self, from: *const V::Lane, to: *mut V::Lane) {
        for piece in self.pieces {
            let (from, to) = (from.wrapping_offset(piece.from), to.wrapping_add(piece.to));
            // SAFETY: the caller's.
            unsafe { V::load(from).store_first(to, piece.len) };
        }
        for lane in (self.cols..PANEL).step_by(V::LANES) {
            // SAFETY: the caller's.
            unsafe { V::zero().store_first(to.wrapping_add(lane), PANEL - lane) };
        }
    }
}

/// The same where the windows see much less than lies between them.
///
/// # Safety
/// As [`pack`].
unsafe fn one_by_one<T: Lane>(call: &WindowCall<T>, rows: Range<usize>) {
    let windows = &call.windows;
    let ([height, width], wide) = (windows.size, windows.count[1].max(1));
    for (panel, row) in call
        .panels
        .clone()
        .flat_map(|panel| rows.clone().map(move |row| (panel, row)))
    {
        let (channel, i, j) = (row / (height * width), row / width % height, row % width);
        let out = call.place(panel, row);
        for lane in 0..PANEL {
            let col = panel * PANEL + lane;
            let element = || windows.element(0, col / wide, i).zip(windows.element(1, col % wide, j));
            let number = match (col < windows.cols()).then(element).flatten() {
                Some((y, x)) => {
                    let [a, b, c] = call.strides;
                    let at = channel as isize * a + y as isize * b + x as isize * c;
                    // SAFETY: the caller's: the image has this element.
                    unsafe { *call.image.wrapping_offset(at) }
                }
                None => T::default(),
            };
            // SAFETY: the caller's.
            unsafe { *out.wrapping_add(lane) = number };
        }
    }
}
