//! Dual numbers: values that carry a derivative along.

use std::f64::consts::FRAC_2_SQRT_PI;
use std::ops::{Add, Div, Mul, Neg, Sub};

use rosenblatt_autodiff::Real;
use rosenblatt_tensor::math::Float;

/// `value + derivative · ε` with `ε² = 0`.
#[derive(Clone, Copy, Debug)]
pub struct Dual {
    pub value: f64,
    pub derivative: f64,
}

impl Dual {
    /// What is differentiated with respect to.
    pub fn variable(value: f64) -> Self {
        Self { value, derivative: 1.0 }
    }

    pub fn constant(value: f64) -> Self {
        Self { value, derivative: 0.0 }
    }

    fn chain(self, value: f64, slope: f64) -> Self {
        Self {
            value,
            derivative: slope * self.derivative,
        }
    }
}

impl Add for Dual {
    type Output = Self;
    fn add(self, b: Self) -> Self {
        Self {
            value: self.value + b.value,
            derivative: self.derivative + b.derivative,
        }
    }
}

impl Sub for Dual {
    type Output = Self;
    fn sub(self, b: Self) -> Self {
        Self {
            value: self.value - b.value,
            derivative: self.derivative - b.derivative,
        }
    }
}

impl Mul for Dual {
    type Output = Self;
    fn mul(self, b: Self) -> Self {
        Self {
            value: self.value * b.value,
            derivative: self.derivative * b.value + self.value * b.derivative,
        }
    }
}

impl Div for Dual {
    type Output = Self;
    fn div(self, b: Self) -> Self {
        let derivative = (self.derivative * b.value - self.value * b.derivative) / (b.value * b.value);
        Self {
            value: self.value / b.value,
            derivative,
        }
    }
}

impl Neg for Dual {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            value: -self.value,
            derivative: -self.derivative,
        }
    }
}

/// Slopes are textbook formulas on the standard library's functions, apart from the engine's.
impl Real for Dual {
    type Mask = bool;
    type Wide = Self;

    fn widen(self) -> Self {
        self
    }

    fn narrow(self, wide: Self) -> Self {
        wide
    }

    fn full_like(self, value: f64) -> Self {
        Self::constant(value)
    }

    fn lt(self, other: Self) -> bool {
        self.value < other.value
    }

    fn le(self, other: Self) -> bool {
        self.value <= other.value
    }

    fn gt(self, other: Self) -> bool {
        self.value > other.value
    }

    fn ge(self, other: Self) -> bool {
        self.value >= other.value
    }

    fn eq(self, other: Self) -> bool {
        self.value == other.value
    }

    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }

    fn abs(self) -> Self {
        self.chain(self.value.abs(), self.value.signum())
    }

    fn sqrt(self) -> Self {
        self.chain(self.value.sqrt(), 0.5 / self.value.sqrt())
    }

    fn exp(self) -> Self {
        self.chain(self.value.exp(), self.value.exp())
    }

    fn ln(self) -> Self {
        self.chain(self.value.ln(), self.value.recip())
    }

    fn ln_1p(self) -> Self {
        self.chain(self.value.ln_1p(), (1.0 + self.value).recip())
    }

    fn sin(self) -> Self {
        self.chain(self.value.sin(), self.value.cos())
    }

    fn cos(self) -> Self {
        self.chain(self.value.cos(), -self.value.sin())
    }

    fn tanh(self) -> Self {
        self.chain(self.value.tanh(), self.value.cosh().powi(-2))
    }

    fn sigmoid(self) -> Self {
        let half = 0.5 * self.value;
        self.chain(0.5 * (1.0 + half.tanh()), 0.25 * half.cosh().powi(-2))
    }

    fn erf(self) -> Self {
        self.chain(Float::erf(self.value), FRAC_2_SQRT_PI * (-self.value.powi(2)).exp())
    }

    fn erfc(self) -> Self {
        self.chain(Float::erfc(self.value), -FRAC_2_SQRT_PI * (-self.value.powi(2)).exp())
    }

    fn pow(self, exponent: Self) -> Self {
        let (a, b) = (self.value, exponent.value);
        let power = a.powf(b);
        let by_base = if b == 0.0 {
            0.0
        } else {
            b * a.powf(b - 1.0) * self.derivative
        };
        let by_exponent = if exponent.derivative == 0.0 {
            0.0
        } else {
            power * a.ln() * exponent.derivative
        };
        Self {
            value: power,
            derivative: by_base + by_exponent,
        }
    }

    fn flush(self) -> Self {
        self.chain(Float::flush(self.value), 1.0)
    }
}
