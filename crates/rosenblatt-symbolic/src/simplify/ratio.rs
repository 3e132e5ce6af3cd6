//! Coefficients: fractions of whole numbers while these are exact, numbers of f64 otherwise.

/// `top / bottom`; `bottom` is 1 unless both are whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ratio {
    pub(super) top: f64,
    pub(super) bottom: f64,
}

/// Whole numbers below are exact, and so are their sums and products while these are below, too.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Numbers of other sizes are left where they are written: a product in another order may leave the range of f64.
const RANGE: std::ops::Range<f64> = 1e-100..1e100;

fn is_whole(x: f64) -> bool {
    x.abs() < EXACT && x % 1.0 == 0.0
}

fn divisor(a: f64, b: f64) -> f64 {
    if b == 0.0 { a.abs() } else { divisor(b, a % b) }
}

impl Ratio {
    pub(super) const ONE: Self = Self { top: 1.0, bottom: 1.0 };

    /// A number; none if it is too large or too small to be moved.
    pub(super) fn of(value: f64) -> Option<Self> {
        Self::new(value, 1.0)
    }

    fn new(top: f64, bottom: f64) -> Option<Self> {
        let ratio = match is_whole(top) && is_whole(bottom) && bottom != 0.0 {
            true => {
                let divisor = divisor(top, bottom) * bottom.signum();
                Self {
                    top: top / divisor,
                    bottom: bottom / divisor,
                }
            }
            false => Self {
                top: top / bottom,
                bottom: 1.0,
            },
        };
        (ratio.top == 0.0 || RANGE.contains(&ratio.top.abs())).then_some(ratio)
    }

    pub(super) fn value(self) -> f64 {
        self.top / self.bottom
    }

    pub(super) fn times(self, other: Self) -> Option<Self> {
        Self::new(self.top * other.top, self.bottom * other.bottom)
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        match self.bottom == other.bottom {
            true => Self::new(self.top + other.top, self.bottom),
            false => Self::new(
                self.top * other.bottom + other.top * self.bottom,
                self.bottom * other.bottom,
            ),
        }
    }

    /// A whole power; none of exponents that are large, and of negative ones of 0.
    pub(super) fn pow(self, exponent: f64) -> Option<Self> {
        if self == Self::ONE {
            return Some(self);
        }
        if exponent.abs() > 64.0 || exponent % 1.0 != 0.0 || self.top == 0.0 {
            return None;
        }
        let base = match exponent < 0.0 {
            true => Self::new(self.bottom, self.top)?,
            false => self,
        };
        (0..exponent.abs() as usize).try_fold(Self::ONE, |power, _| power.times(base))
    }

    pub(super) fn negated(self) -> Self {
        Self { top: -self.top, ..self }
    }
}
