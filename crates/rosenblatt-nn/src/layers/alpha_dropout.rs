//! Dropout for SELU.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::range;
use crate::{Config, Layer, Scope};

/// What SELU gives for very negative numbers: `−λα`, with its constants `λ` and `α`.
const SATURATED: f64 = -1.758_099_340_847_376_6;

/// Alpha dropout, for networks with SELU: in training each element becomes SELU's lowest value with probability `p`, and all are
/// scaled and moved so that mean 0 and variance 1 stay; in prediction nothing happens.
///
/// `y = a (x m + α′ (1 − m)) + b`, `m` 1 with probability `q = 1 − p`, else 0; `α′ = −1.7581`, `a = (q + α′² q p)^(−1/2)`, `b = −a α′ p`
///
/// # Numerics
/// The mask depends on seed, step, the layer's place and the element's index alone.
///
/// # Reference
/// Klambauer, Unterthiner, Mayr, Hochreiter: Self-Normalizing Neural Networks. NeurIPS 2017. arXiv:1706.02515, section 2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AlphaDropout {
    /// Probability of dropping an element, in `[0, 1)`.
    pub p: f64,
}

impl Default for AlphaDropout {
    /// PyTorch's value.
    fn default() -> Self {
        Self { p: 0.5 }
    }
}

impl Config for AlphaDropout {
    const NAME: &'static str = "alpha_dropout";

    fn check(&self) -> Result<()> {
        range::share("p", self.p)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { p: 0.0 }, Self { p: 0.1 }]
    }
}

impl Layer for AlphaDropout {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        if !scope.training() || self.p == 0.0 {
            return x;
        }
        let keep = 1.0 - self.p;
        let a = 1.0 / libm::sqrt(keep + SATURATED * SATURATED * keep * self.p);
        let b = -a * SATURATED * self.p;
        let mask = scope.bernoulli("mask", keep, &x.shape()).cast(x.dtype());
        // Two numbers for each element: what it is multiplied with, and what is added.
        x * (mask * a) + ((1.0 - mask) * (a * SATURATED) + b)
    }
}
