//! Swish.

use rosenblatt_tensor::Result;

use super::{Derivative, SATURATED, Setting, clip};
use crate::{Attributes, Elementwise, Family, Real, Unary, Var};

/// Swish with a fixed `β`, element-wise.
///
/// `y = x σ(β x)`: `x/2` for `β = 0`, [`super::Silu`] for `β = 1`, towards [`super::Relu`] as `β → ∞`
///
/// # Numerics
/// Within 0.51 ULP in f32: computed in f64, as [`super::Silu`]. `β x` may overflow: the result is then `x` or 0. For `β = 0` alone, the
/// derivative at ±∞ is NaN.
///
/// # Reference
/// Ramachandran, Zoph, Le: Searching for Activation Functions. 2017. arXiv:1710.05941.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swish {
    /// Steepness of the gate, `β`; any finite number.
    pub beta: f64,
}

/// That of [`super::Silu`].
const BETA: Setting = Setting {
    name: "beta",
    default: 1.0,
    range: Setting::FINITE,
    about: "Steepness of the gate, `β`; any finite number.",
};

impl Default for Swish {
    fn default() -> Self {
        Self { beta: BETA.default }
    }
}

impl Elementwise for Swish {
    const NAME: &'static str = "swish";
    const ABOUT: &'static str = "Swish, element-wise.";
    const SETTINGS: &'static [Setting] = &[BETA];
    const IN_F64: bool = true;
    const DERIVATIVE: Option<Family> = Some(Derivative::<Self>::FAMILY);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        if self.beta == 0.0 {
            return x * x.full_like(0.5);
        }
        // As `with_tails`, but which tail is which depends on the sign of β.
        let (beta, far) = (x.full_like(self.beta), SATURATED / self.beta.abs());
        let t = clip(x, -far, far);
        let below = t * (beta * t).sigmoid();
        T::select((beta * x).gt(x.full_like(SATURATED)), x, below)
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with(BETA.name, self.beta)
    }

    fn make(attributes: &Attributes) -> Result<Self> {
        Ok(Self {
            beta: attributes.float(BETA.name)?,
        })
    }

    fn instances() -> Vec<Self> {
        vec![
            Self::default(),
            Self { beta: -0.7 },
            Self { beta: 0.0 },
            Self { beta: 5.0 },
        ]
    }
}

impl<'g> Var<'g> {
    /// `x σ(beta · x)`, element-wise: see [`Swish`](crate::pointwise::Swish).
    #[must_use]
    #[track_caller]
    pub fn swish(self, beta: f64) -> Self {
        self.apply(Unary(Swish { beta }))
    }
}
