//! The largest number and its place.

use super::{LANES, padded};
use crate::math::Float;

/// The largest number: NaN if there is one, −∞ for nothing, +0 for −0.
#[inline(always)]
pub fn max<T: Float>(x: &[T]) -> T {
    let (rows, tail) = x.as_chunks::<LANES>();
    let mut lanes = padded(tail, T::NEG_INFINITY);
    for row in rows {
        larger_lanes(&mut lanes, row);
    }
    largest_lane(lanes)
}

/// The largest of [`LANES`] numbers, under the same conditions.
#[inline(always)]
pub(super) fn largest_lane<T: Float>(mut lanes: [T; LANES]) -> T {
    for half in [8, 4, 2, 1] {
        let (low, high) = lanes.split_at_mut(half);
        larger_lanes(low, &high[..half]);
    }
    lanes[0] + T::ZERO // which of two zeros was met first does not show
}

/// Puts the larger one of each pair into `lanes`.
#[inline(always)]
fn larger_lanes<T: Float>(lanes: &mut [T], x: &[T]) {
    for (lane, &x) in lanes.iter_mut().zip(x) {
        *lane = larger(*lane, x);
    }
}

/// The larger of two; NaN if either is.
#[inline(always)]
pub(super) fn larger<T: Float>(a: T, b: T) -> T {
    let larger = if b > a { b } else { a };
    if b.is_nan() { b } else { larger }
}

/// The place of the first largest number, the first NaN if there is one; `None` for nothing.
#[inline(always)]
pub fn argmax<T: Float>(x: &[T]) -> Option<usize> {
    let largest = max(x);
    if largest.is_nan() {
        first(x, T::is_nan)
    } else {
        first(x, |x| x == largest)
    }
}

/// The place of the first number that passes: whole chunks are asked first, which needs no branch per number.
#[inline(always)]
fn first<T: Float>(x: &[T], passes: impl Fn(T) -> bool) -> Option<usize> {
    const CHUNK: usize = 64;
    let holds_one = |chunk: &[T]| chunk.iter().fold(false, |any, &x| any | passes(x));
    let chunk = x.chunks(CHUNK).position(holds_one)?;
    let place = x[chunk * CHUNK..].iter().position(|&x| passes(x))?;
    Some(chunk * CHUNK + place)
}
