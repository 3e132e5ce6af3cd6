//! Leaky ReLU with its slope.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;
use crate::{Config, Layer, Scope};

/// Leaky ReLU, element-wise.
///
/// `y = x` for `x > 0`, else `γ x`
///
/// # Reference
/// Maas, Hannun, Ng: Rectifier Nonlinearities Improve Neural Network Acoustic Models. ICML 2013.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LeakyRelu {
    /// Slope for negative inputs, `γ`; any finite number.
    pub slope: f64,
}

impl Default for LeakyRelu {
    /// The paper's and PyTorch's slope.
    fn default() -> Self {
        Self { slope: 0.01 }
    }
}

impl Config for LeakyRelu {
    const NAME: &'static str = "leaky_relu";

    fn check(&self) -> Result<()> {
        expect(self.slope.is_finite(), "slope", "to be finite", self.slope)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { slope: 0.25 }]
    }
}

impl Layer for LeakyRelu {
    fn forward<'g>(&self, _scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        x.leaky_relu(self.slope)
    }
}
