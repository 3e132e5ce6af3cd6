//! A normal distribution without its tails.

use rosenblatt_tensor::Result;
use rosenblatt_tensor::rng::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Initializer, ParameterInfo, fill_normal};
use crate::Config;
use crate::entry::range;

/// Where the distribution is cut, in standard deviations.
const CUT: f64 = 2.0;

/// Normal with mean 0, cut at two standard deviations.
///
/// `N(0, std²)` under the condition `|w| ≤ 2 std`; the standard deviation of the result is `0.8796 std`
///
/// # Numerics
/// A number beyond the cut is drawn again, from a counter of its own element and attempt: the distribution is exact, and no
/// element depends on another.
///
/// # Differences
/// PyTorch's `trunc_normal_` cuts at −2 and 2 whatever `std` is, unless told otherwise; Keras and JAX enlarge `std` so that the result
/// has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TruncatedNormal {
    /// Standard deviation before the cut, at least 0.
    pub std: f64,
}

impl Default for TruncatedNormal {
    /// The value usual for transformers.
    fn default() -> Self {
        Self { std: 0.02 }
    }
}

impl Config for TruncatedNormal {
    const NAME: &'static str = "truncated_normal";

    fn check(&self) -> Result<()> {
        range::at_least_0("std", self.std)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { std: 2.0 }]
    }
}

impl Initializer for TruncatedNormal {
    fn fill(&self, _parameter: ParameterInfo<'_>, rng: &Rng, values: &mut [f64]) {
        fill_normal(rng, 1.0, values);
        for (i, value) in values.iter_mut().enumerate() {
            let mut attempt = 0;
            while value.abs() > CUT {
                attempt += 1;
                rng.at(attempt).fill_normal(i as u64, std::slice::from_mut(value));
            }
            *value *= self.std;
        }
    }
}
