//! Comparison within a tolerance.

/// How far two numbers may be apart: `|a − b| ≤ absolute + relative · max(|a|, |b|)`.
///
/// A plain number `tol` converts into `relative = absolute = tol`, which is relative for large numbers and absolute
/// near 0.
///
/// # Numerics
/// Equal infinities are close, different ones are not. NaN is close to nothing unless [`Tolerance::nan_equal`] says so.
///
/// # Example
/// ```
/// use rosenblatt_testkit::{Tolerance, assert_close};
/// assert_close(1e9, 1e9 + 1.0, 1e-8);
/// assert_close([f64::NAN, 1.0], [f64::NAN, 1.0], Tolerance::relative(0.0).nan_equal());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    relative: f64,
    absolute: f64,
    nan_equal: bool,
}

impl Tolerance {
    /// Relative only: at 0 the numbers must be equal.
    pub const fn relative(relative: f64) -> Self {
        Self {
            relative,
            absolute: 0.0,
            nan_equal: false,
        }
    }

    /// Absolute only: the same distance at every size.
    pub const fn absolute(absolute: f64) -> Self {
        Self {
            relative: 0.0,
            absolute,
            nan_equal: false,
        }
    }

    /// The same, with NaN equal to NaN.
    #[must_use]
    pub const fn nan_equal(self) -> Self {
        Self {
            nan_equal: true,
            ..self
        }
    }

    fn allowed(&self, a: f64, b: f64) -> f64 {
        self.absolute + self.relative * a.abs().max(b.abs())
    }

    fn accepts(&self, a: f64, b: f64) -> bool {
        // Infinities are either equal or infinitely far apart: `∞ ≤ relative · ∞` would accept anything.
        let both_finite = a.is_finite() && b.is_finite();
        a == b || (self.nan_equal && a.is_nan() && b.is_nan()) || (both_finite && (a - b).abs() <= self.allowed(a, b))
    }
}

impl From<f64> for Tolerance {
    fn from(tol: f64) -> Self {
        Self {
            relative: tol,
            absolute: tol,
            nan_equal: false,
        }
    }
}

/// One number or many, of either floating type, as `f64`.
pub trait Numbers {
    /// The numbers in order.
    fn numbers(&self) -> Vec<f64>;
}

impl Numbers for f64 {
    fn numbers(&self) -> Vec<f64> {
        vec![*self]
    }
}

impl Numbers for f32 {
    fn numbers(&self) -> Vec<f64> {
        vec![f64::from(*self)]
    }
}

impl<T: Numbers> Numbers for [T] {
    fn numbers(&self) -> Vec<f64> {
        self.iter().flat_map(Numbers::numbers).collect()
    }
}

impl<T: Numbers, const N: usize> Numbers for [T; N] {
    fn numbers(&self) -> Vec<f64> {
        self[..].numbers()
    }
}

impl<T: Numbers> Numbers for Vec<T> {
    fn numbers(&self) -> Vec<f64> {
        self[..].numbers()
    }
}

impl<T: Numbers + ?Sized> Numbers for &T {
    fn numbers(&self) -> Vec<f64> {
        (**self).numbers()
    }
}

/// Panics unless `actual` and `expected` have the same length and agree, number by number, within `tol`.
///
/// The message names the worst pair, its index, and how many others disagree.
#[track_caller]
pub fn assert_close(actual: impl Numbers, expected: impl Numbers, tol: impl Into<Tolerance>) {
    let (actual, expected, tol) = (actual.numbers(), expected.numbers(), tol.into());
    assert_eq!(actual.len(), expected.len(), "different lengths");
    let excess = |i: usize| {
        let excess = (actual[i] - expected[i]).abs() / tol.allowed(actual[i], expected[i]);
        if excess.is_nan() { f64::INFINITY } else { excess }
    };
    let wrong: Vec<usize> = (0..actual.len())
        .filter(|&i| !tol.accepts(actual[i], expected[i]))
        .collect();
    let Some(&worst) = wrong.iter().max_by(|&&i, &&j| excess(i).total_cmp(&excess(j))) else {
        return;
    };
    let (a, b) = (actual[worst], expected[worst]);
    panic!(
        "not close at index {worst} of {}: {a:e} instead of {b:e}, apart by {:e}, allowed {:e}; {} more differ",
        actual.len(),
        (a - b).abs(),
        tol.allowed(a, b),
        wrong.len() - 1
    );
}
