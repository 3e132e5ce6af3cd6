//! Exponentially decaying average of squares.

use rosenblatt_tensor::Result;

use crate::{Attributes, Binary, Elementwise2, Real, Var};

/// A step of an exponentially decaying average of squares, element-wise; operands are broadcast.
///
/// `y = β a + (1 − β) b²`, and 0 where that is tiny (see [`super::Flush`]);  `∂y/∂a = β`, `∂y/∂b = 2 (1 − β) b`
///
/// A primitive for the reason of [`super::MovingAverage`], and because the square of a small gradient would be a
/// subnormal number, which takes a hundred times as long: here such a square counts as 0 (the derivative by `b` stays that of
/// the formula).
#[derive(Clone, Copy, Debug)]
pub struct MovingAverageOfSquares {
    /// How much of the old average stays, `β`, in `[0, 1)`.
    pub decay: f64,
}

impl Elementwise2 for MovingAverageOfSquares {
    const NAME: &'static str = "moving_average_of_squares";
    const DOMAIN: [(f64, f64); 2] = [(0.1, 4.0), (-4.0, 4.0)];

    #[inline(always)]
    fn f<T: Real>(&self, a: T, b: T) -> T {
        (a * a.full_like(self.decay) + b.flushed_square() * b.full_like(1.0 - self.decay)).flush()
    }

    fn da<T: Real>(&self, _a: T, _b: T, _y: T, dy: T) -> T {
        dy * dy.full_like(self.decay)
    }

    fn db<T: Real>(&self, _a: T, b: T, _y: T, dy: T) -> T {
        dy * b * dy.full_like(2.0 * (1.0 - self.decay))
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
    /// This average with the square of `next` taken in, element-wise: `decay · self + (1 − decay) · next²`.
    #[must_use]
    #[track_caller]
    pub fn moving_average_of_squares(self, decay: f64, next: Self) -> Self {
        self.apply2(Binary(MovingAverageOfSquares { decay }), next)
    }
}
