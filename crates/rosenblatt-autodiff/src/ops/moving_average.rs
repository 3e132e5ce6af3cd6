//! Exponentially decaying average.

use rosenblatt_tensor::Result;

use crate::{Attributes, Binary, Elementwise2, Real, Var};

/// A step of an exponentially decaying average, element-wise; operands are broadcast.
///
/// `y = β a + (1 − β) b`, and 0 where that is tiny (see [`super::Flush`]);  `∂y/∂a = β`, `∂y/∂b = 1 − β`
///
/// A primitive, though it is composed of four, because optimisers keep such averages of every weight: one loop instead
/// of four.
///
/// # Numerics
/// Each product is rounded, then the sum: the bits of the composition, and its cancellation.
#[derive(Clone, Copy, Debug)]
pub struct MovingAverage {
    /// How much of the old average stays, `β`, in `[0, 1)`.
    pub decay: f64,
}

impl Elementwise2 for MovingAverage {
    const NAME: &'static str = "moving_average";
    // Where nothing cancels: f32 is compared with f64 by units in the last place.
    const DOMAIN: [(f64, f64); 2] = [(0.1, 4.0); 2];

    #[inline(always)]
    fn f<T: Real>(&self, a: T, b: T) -> T {
        (a * a.full_like(self.decay) + b * b.full_like(1.0 - self.decay)).flush()
    }

    fn da<T: Real>(&self, _a: T, _b: T, _y: T, dy: T) -> T {
        dy * dy.full_like(self.decay)
    }

    fn db<T: Real>(&self, _a: T, _b: T, _y: T, dy: T) -> T {
        dy * dy.full_like(1.0 - self.decay)
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("decay", self.decay)
    }

    fn make(attributes: &Attributes) -> Result<Self> {
        Ok(Self {
            decay: attributes.float("decay")?,
        })
    }

    fn instances() -> Vec<Self> {
        vec![Self { decay: 0.9 }, Self { decay: 0.0 }]
    }
}

impl<'g> Var<'g> {
    /// This average with `next` taken in, element-wise: `decay · self + (1 − decay) · next`.
    #[must_use]
    #[track_caller]
    pub fn moving_average(self, decay: f64, next: Self) -> Self {
        self.apply2(Binary(MovingAverage { decay }), next)
    }
}
