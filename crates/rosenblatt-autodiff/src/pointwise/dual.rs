//! Dual numbers: values that carry a derivative along.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Sigmoid, Tanh};
use crate::ops::{Abs, Cos, Erf, Erfc, Exp, Flush, Ln, Ln1p, Pow, Sin, Sqrt};
use crate::{Elementwise, Elementwise2, Real};

/// `value + derivative · ε` with `ε² = 0`: a function of it gives its value and its derivative. Duals of duals give the
/// second derivative.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::{Real, pointwise::Dual};
/// let y = Dual::new(2.0, 1.0).ln();
/// assert_eq!((y.value, y.derivative), (2f64.ln(), 0.5));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Dual<T> {
    /// The number.
    pub value: T,
    /// Its derivative.
    pub derivative: T,
}

impl<T: Real> Dual<T> {
    /// A number with its derivative.
    #[inline(always)]
    pub fn new(value: T, derivative: T) -> Self {
        Self { value, derivative }
    }

    /// A number that does not depend on what is differentiated with respect to.
    #[inline(always)]
    pub fn constant(value: T) -> Self {
        Self::new(value, value.full_like(0.0))
    }

    #[inline(always)]
    fn by<E: Elementwise>(self, rule: &E) -> Self {
        let value = rule.f(self.value);
        Self::new(value, rule.pull(self.value, value, self.derivative))
    }
}

impl<T: Real> Add for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn add(self, b: Self) -> Self {
        Self::new(self.value + b.value, self.derivative + b.derivative)
    }
}

impl<T: Real> Sub for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, b: Self) -> Self {
        Self::new(self.value - b.value, self.derivative - b.derivative)
    }
}

impl<T: Real> Mul for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, b: Self) -> Self {
        let derivative = self.derivative * b.value + b.derivative * self.value;
        Self::new(self.value * b.value, derivative)
    }
}

impl<T: Real> Div for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn div(self, b: Self) -> Self {
        let value = self.value / b.value;
        Self::new(value, (self.derivative - value * b.derivative) / b.value)
    }
}

impl<T: Real> Neg for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self::new(-self.value, -self.derivative)
    }
}

macro_rules! compared {
    ($($name:ident)*) => {$(
        #[inline(always)]
        fn $name(self, other: Self) -> T::Mask {
            self.value.$name(other.value)
        }
    )*};
}

macro_rules! by_rules {
    ($($name:ident = $rule:ident;)*) => {$(
        #[inline(always)]
        fn $name(self) -> Self {
            self.by(&$rule)
        }
    )*};
}

/// The derivative of each function is that of its op.
impl<T: Real> Real for Dual<T> {
    type Mask = T::Mask;
    type Wide = Dual<T::Wide>;

    compared!(lt le gt ge eq);
    by_rules! {
        abs = Abs; sqrt = Sqrt; exp = Exp; ln = Ln; ln_1p = Ln1p; sin = Sin; cos = Cos;
        tanh = Tanh; sigmoid = Sigmoid; erf = Erf; erfc = Erfc; flush = Flush;
    }

    #[inline(always)]
    fn full_like(self, value: f64) -> Self {
        Self::constant(self.value.full_like(value))
    }

    #[inline(always)]
    fn select(mask: T::Mask, yes: Self, no: Self) -> Self {
        Self::new(
            T::select(mask, yes.value, no.value),
            T::select(mask, yes.derivative, no.derivative),
        )
    }

    #[inline(always)]
    fn pow(self, exponent: Self) -> Self {
        let (a, b) = (self.value, exponent.value);
        let y = Pow.f(a, b);
        let by_base = Pow.da(a, b, y, self.derivative);
        // A negative base has a power only if the exponent is whole, and then no derivative by it.
        let positive = T::select(a.lt(a.full_like(0.0)), a.full_like(1.0), a);
        Self::new(y, by_base + Pow.db(positive, b, y, exponent.derivative))
    }

    #[inline(always)]
    fn widen(self) -> Self::Wide {
        Dual::new(self.value.widen(), self.derivative.widen())
    }

    #[inline(always)]
    fn narrow(self, wide: Self::Wide) -> Self {
        Self::new(self.value.narrow(wide.value), self.derivative.narrow(wide.derivative))
    }
}
