//! Numbers an element-wise rule can be written for.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use rosenblatt_tensor::DType;
use rosenblatt_tensor::math::Float;

use crate::Var;

/// A number, or a node that stands for one.
///
/// A rule `f<T: Real>` runs on `f32` and `f64` (kernels), on dual numbers (the derivative of an activation; in tests the oracle of `df`) and on
/// [`Var`] (so that `df` is a graph and can be differentiated again). Branches go through [`Real::select`].
pub trait Real:
    Copy + Debug + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// The result of a comparison.
    type Mask: Copy;
    /// The same kind of number in f64.
    type Wide: Real<Mask = Self::Mask>;

    /// A constant of the same kind.
    fn full_like(self, value: f64) -> Self;
    /// `self < other`
    fn lt(self, other: Self) -> Self::Mask;
    /// `self ≤ other`
    fn le(self, other: Self) -> Self::Mask;
    /// `self > other`
    fn gt(self, other: Self) -> Self::Mask;
    /// `self ≥ other`
    fn ge(self, other: Self) -> Self::Mask;
    /// `self = other`
    fn eq(self, other: Self) -> Self::Mask;
    /// `yes` where the mask holds, else `no`.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// `|x|`
    fn abs(self) -> Self;
    /// `√x`
    fn sqrt(self) -> Self;
    /// `eˣ`
    fn exp(self) -> Self;
    /// `ln x`
    fn ln(self) -> Self;
    /// `ln(1 + x)`
    fn ln_1p(self) -> Self;
    /// `sin x`
    fn sin(self) -> Self;
    /// `cos x`
    fn cos(self) -> Self;
    /// `tanh x`
    fn tanh(self) -> Self;
    /// `1 / (1 + e⁻ˣ)`
    fn sigmoid(self) -> Self;
    /// `erf x`
    fn erf(self) -> Self;
    /// `1 − erf x`
    fn erfc(self) -> Self;
    /// `xʸ`
    fn pow(self, exponent: Self) -> Self;
    /// 0 where `|x|` is tiny, else `x`.
    fn flush(self) -> Self;
    /// The same number in f64.
    fn widen(self) -> Self::Wide;
    /// A number in f64, rounded to the kind of `self`.
    fn narrow(self, wide: Self::Wide) -> Self;
    /// `x²`, 0 where that is tiny.
    #[inline(always)]
    fn flushed_square(self) -> Self {
        (self * self).flush()
    }
    /// `β x + (1 − β) next`, 0 where that is tiny: a step of an exponentially decaying average.
    #[inline(always)]
    fn moving_average(self, decay: f64, next: Self) -> Self {
        (self * self.full_like(decay) + next * self.full_like(1.0 - decay)).flush()
    }
}

macro_rules! float {
    ($($float:ty),*) => {$(
        impl Real for $float {
            type Mask = bool;
            type Wide = f64;
            #[inline(always)]
            fn widen(self) -> f64 { self.into() }
            #[inline(always)]
            fn narrow(self, wide: f64) -> Self { wide as $float }
            #[inline(always)]
            fn full_like(self, value: f64) -> Self { value as $float }
            #[inline(always)]
            fn lt(self, other: Self) -> bool { self < other }
            #[inline(always)]
            fn le(self, other: Self) -> bool { self <= other }
            #[inline(always)]
            fn gt(self, other: Self) -> bool { self > other }
            #[inline(always)]
            fn ge(self, other: Self) -> bool { self >= other }
            #[inline(always)]
            fn eq(self, other: Self) -> bool { self == other }
            #[inline(always)]
            fn select(mask: bool, yes: Self, no: Self) -> Self { if mask { yes } else { no } }
            float!(@forward abs sqrt exp ln ln_1p sin cos tanh sigmoid erf erfc flush flushed_square);
            #[inline(always)]
            fn pow(self, exponent: Self) -> Self { Float::pow(self, exponent) }
        }
    )*};
    (@forward $($name:ident)*) => {$(
        #[inline(always)]
        fn $name(self) -> Self { Float::$name(self) }
    )*};
}
float!(f32, f64);

impl<'g> Real for Var<'g> {
    type Mask = Var<'g>;
    type Wide = Var<'g>;

    fn widen(self) -> Self {
        self.cast(DType::F64)
    }

    fn narrow(self, wide: Self) -> Self {
        wide.cast(self.dtype())
    }

    fn full_like(self, value: f64) -> Self {
        Var::full_like(self, value)
    }

    fn select(mask: Self, yes: Self, no: Self) -> Self {
        mask.select(yes, no)
    }

    fn lt(self, other: Self) -> Self {
        Var::lt(self, other)
    }

    fn le(self, other: Self) -> Self {
        Var::le(self, other)
    }

    fn gt(self, other: Self) -> Self {
        Var::gt(self, other)
    }

    fn ge(self, other: Self) -> Self {
        Var::ge(self, other)
    }

    fn eq(self, other: Self) -> Self {
        Var::eq(self, other)
    }

    fn abs(self) -> Self {
        Var::abs(self)
    }

    fn sqrt(self) -> Self {
        Var::sqrt(self)
    }

    fn exp(self) -> Self {
        Var::exp(self)
    }

    fn ln(self) -> Self {
        Var::ln(self)
    }

    fn ln_1p(self) -> Self {
        Var::ln_1p(self)
    }

    fn sin(self) -> Self {
        Var::sin(self)
    }

    fn cos(self) -> Self {
        Var::cos(self)
    }

    fn tanh(self) -> Self {
        Var::tanh(self)
    }

    fn sigmoid(self) -> Self {
        Var::sigmoid(self)
    }

    fn erf(self) -> Self {
        Var::erf(self)
    }

    fn erfc(self) -> Self {
        Var::erfc(self)
    }

    fn pow(self, exponent: Self) -> Self {
        Var::pow(self, exponent)
    }

    fn flush(self) -> Self {
        Var::flush(self)
    }

    /// Known from `x`, so that no subnormal square is ever computed.
    fn flushed_square(self) -> Self {
        let root = if self.dtype() == DType::F32 {
            f64::from(f32::TINY_ROOT)
        } else {
            f64::TINY_ROOT
        };
        let tiny = Var::lt(Var::abs(self), self.full_like(root));
        let x = tiny.select(self.full_like(0.0), self);
        x * x
    }
}
