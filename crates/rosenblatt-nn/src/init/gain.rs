//! How much a rule allows for the activation that follows a weight.

use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::entry::expect;

/// A factor on the standard deviation of weights, for the activation that follows them.
///
/// `auto` is the gain of that activation, computed from the activation itself: see [`crate::init::activation_gain`]. Where
/// `f(c z) = c f(z)`, as for ReLU, numbers after the activation then have the mean square of those before the weights, through any
/// number of layers. For other activations that holds roughly.
///
/// # Differences
/// The gain of a function `f` is `1 / √E[f(z)²]`, `z ~ N(0, 1)`. PyTorch's `calculate_gain` agrees for the identity (1), ReLU (√2) and
/// leaky ReLU (`√(2 / (1 + γ²))`); it says 5/3 for tanh (1.5925), 1 for sigmoid (1.8463) and 3/4 for SELU (1), which are rules
/// of thumb.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Value", into = "Value")]
#[schemars(untagged)]
pub enum Gain {
    /// Written as `auto`: the gain of the activation that follows.
    Auto(Auto),
    /// This number, above 0.
    Number(f64),
}

/// The word `auto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Auto {
    /// The word.
    Auto,
}

impl Gain {
    /// The gain of the activation that follows.
    pub const AUTO: Self = Self::Auto(Auto::Auto);

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if it is a number that is not above 0.
    pub(super) fn check(gain: Option<Self>) -> Result<()> {
        match gain {
            Some(Self::Number(gain)) => expect(gain > 0.0 && gain.is_finite(), "gain", "above 0", gain),
            None | Some(Self::Auto(_)) => Ok(()),
        }
    }

    /// The square of the factor; `usual` where none is given.
    pub(super) fn squared(gain: Option<Self>, of_activation: f64, usual: f64) -> f64 {
        match gain {
            None => usual,
            Some(Self::Auto(_)) => of_activation * of_activation,
            Some(Self::Number(gain)) => gain * gain,
        }
    }
}

impl From<f64> for Gain {
    fn from(gain: f64) -> Self {
        Self::Number(gain)
    }
}

impl From<Gain> for Value {
    fn from(gain: Gain) -> Self {
        match gain {
            Gain::Auto(_) => Self::from("auto"),
            Gain::Number(gain) => Self::from(gain),
        }
    }
}

impl TryFrom<Value> for Gain {
    type Error = Error;

    fn try_from(value: Value) -> Result<Self> {
        match (value.as_str(), value.as_f64()) {
            (Some("auto"), _) => Ok(Self::AUTO),
            (_, Some(gain)) => Ok(Self::Number(gain)),
            _ => Err(Error::config(format!(
                "expected `gain` to be `auto` or a number, got {value}"
            ))),
        }
    }
}
