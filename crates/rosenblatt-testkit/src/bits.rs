//! Comparison by bits and by units in the last place.

use std::fmt::Debug;

/// A number whose bits can be compared and, for floating point, counted.
pub trait Bits: Copy + Debug {
    /// The bits, zero-extended.
    fn bits(self) -> u64;

    /// The place of the number on a line where neighbors differ by 1 and `−0` and `+0` share a place; none for NaN.
    fn place(self) -> Option<i64>;
}

macro_rules! float_bits {
    ($float:ty) => {
        impl Bits for $float {
            fn bits(self) -> u64 {
                u64::from(self.to_bits())
            }

            fn place(self) -> Option<i64> {
                let magnitude = self.abs().to_bits() as i64;
                (!self.is_nan()).then_some(if self.is_sign_negative() {
                    -magnitude
                } else {
                    magnitude
                })
            }
        }
    };
}

macro_rules! integer_bits {
    ($($integer:ty),*) => {$(
        impl Bits for $integer {
            fn bits(self) -> u64 {
                self as u64
            }

            fn place(self) -> Option<i64> {
                i64::try_from(self).ok()
            }
        }
    )*};
}

float_bits!(f32);
float_bits!(f64);
integer_bits!(u8, u32, u64, i64, bool);

/// How many representable numbers lie between `a` and `b`, one end included.
///
/// `0` for equal numbers, for `−0` and `+0`, and for two NaN; `u64::MAX` if only one is NaN. Infinity is the neighbor
/// of the largest finite number.
///
/// # Example
/// ```
/// use rosenblatt_testkit::ulps;
/// assert_eq!(ulps(1.0_f32, 1.0 + f32::EPSILON), 1);
/// assert_eq!(ulps(-f64::from_bits(1), f64::from_bits(1)), 2);
/// ```
pub fn ulps<T: Bits>(a: T, b: T) -> u64 {
    match (a.place(), b.place()) {
        (Some(a), Some(b)) => a.abs_diff(b),
        (None, None) => 0,
        _ => u64::MAX,
    }
}

/// The unit in the last place at `y`: the distance from its size to the next larger number. NaN if `y` is not finite.
#[must_use]
pub fn ulp(y: f64) -> f64 {
    let size = y.abs();
    f64::from_bits(size.to_bits() + 1) - size
}

/// Error of an `f32` in units in the last place of the true value: `|actual − exact| / ulp(exact)`.
///
/// The unit is the distance between neighboring `f32` around `exact`, at least the smallest subnormal. A correctly
/// rounded result is off by at most 0.5. Both NaN, or both the same infinity after rounding `exact`, is no error; only
/// one of them is an infinite error.
pub fn ulp_error(actual: f32, exact: f64) -> f64 {
    let rounded = exact as f32;
    if actual.is_nan() && exact.is_nan() || actual == rounded && rounded.is_infinite() {
        return 0.0;
    }
    if !actual.is_finite() || !rounded.is_finite() {
        return f64::INFINITY;
    }
    // 2^(exponent − 23) as bits: the exponent field alone, which starts at 1023; normal f32 end at −126.
    let field = (exact.abs().to_bits() >> 52).max(1023 - 126);
    let unit = f64::from_bits((field - 23) << 52);
    (f64::from(actual) - exact).abs() / unit
}

/// Panics unless both slices have the same length and the same bits; names the first index where they differ.
///
/// `−0` differs from `+0`, and a NaN equals only the same NaN.
#[track_caller]
pub fn same_bits<T: Bits>(actual: &[T], expected: &[T]) {
    assert_eq!(actual.len(), expected.len(), "different lengths");
    let mut differing = (0..actual.len()).filter(|&i| actual[i].bits() != expected[i].bits());
    let Some(first) = differing.next() else { return };
    let (a, b) = (actual[first], expected[first]);
    panic!(
        "bits differ first at index {first} of {}: {a:?} ({:#x}) instead of {b:?} ({:#x}); {} more differ",
        actual.len(),
        a.bits(),
        b.bits(),
        differing.count()
    );
}
