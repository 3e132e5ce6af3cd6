//! Limits.

use rosenblatt_tensor::{Error, Result};

use crate::{Attributes, Elementwise, Real, Unary, Var};

/// Limited to a range, element-wise.
///
/// `y = min(max(x, min), max)`;  `dy/dx = 1` for `min < x < max`, else 0
///
/// # Numerics
/// At the bounds the derivative is 0, as in PyTorch (2.15; the fixture holds it). NaN stays NaN.
#[derive(Clone, Copy, Debug)]
pub struct Clamp {
    /// The smallest result.
    pub min: f64,
    /// The largest result, at least `min`.
    pub max: f64,
}

impl Elementwise for Clamp {
    const NAME: &'static str = "clamp";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        let (min, max) = (x.full_like(self.min), x.full_like(self.max));
        T::select(x.lt(min), min, T::select(x.gt(max), max, x))
    }

    #[inline(always)]
    fn df<T: Real>(&self, x: T, _y: T) -> T {
        let (min, max) = (x.full_like(self.min), x.full_like(self.max));
        T::select(
            x.gt(min),
            T::select(x.lt(max), x.full_like(1.0), x.full_like(0.0)),
            x.full_like(0.0),
        )
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("min", self.min).with("max", self.max)
    }

    fn make(attributes: &Attributes) -> Result<Self> {
        Ok(Self {
            min: attributes.float("min")?,
            max: attributes.float("max")?,
        })
    }

    fn instances() -> Vec<Self> {
        vec![
            Self { min: -0.6, max: 0.75 },
            Self { min: 0.0, max: 6.0 },
            Self { min: 1.0, max: 1.0 },
        ]
    }
}

impl<'g> Var<'g> {
    /// Limited to `min..=max`, element-wise. `min` above `max`, or NaN, is a mistake.
    #[must_use]
    #[track_caller]
    pub fn clamp(self, min: f64, max: f64) -> Self {
        if min <= max {
            return self.apply(Unary(Clamp { min, max }));
        }
        self.fail(Error::config(format!("expected min ≤ max, got {min} and {max}")).within("clamp"))
    }
}
