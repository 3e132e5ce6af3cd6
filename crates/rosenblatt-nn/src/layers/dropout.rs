//! Dropout.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::range;
use crate::{Config, Layer, Scope};

/// Dropout, inverted: in training each element is zeroed with probability `p`, and the others are scaled up so that
/// the expectation stays; in prediction nothing happens.
///
/// `y = x · m / (1 − p)`, `m` 1 with probability `1 − p`, else 0
///
/// # Numerics
/// The mask depends on seed, step, the layer's place and the element's index alone.
///
/// # Reference
/// Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov: Dropout, a Simple Way to Prevent Neural Networks from
/// Overfitting. JMLR 15, 2014.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dropout {
    /// Probability of dropping an element, in `[0, 1)`.
    pub p: f64,
}

impl Default for Dropout {
    /// The paper's value for hidden layers.
    fn default() -> Self {
        Self { p: 0.5 }
    }
}

impl Config for Dropout {
    const NAME: &'static str = "dropout";

    fn check(&self) -> Result<()> {
        range::share("p", self.p)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { p: 0.0 }, Self { p: 0.1 }]
    }
}

impl Layer for Dropout {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        if !scope.training() || self.p == 0.0 {
            return x;
        }
        let keep = 1.0 - self.p;
        let mask = scope.bernoulli("mask", keep, &x.shape()).cast(x.dtype());
        x * (mask * (1.0 / keep))
    }
}
