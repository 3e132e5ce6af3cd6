//! A largest norm.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rows::norms;
use crate::entry::expect;
use crate::{Config, Constraint};

/// The weights of each output have at most this Euclidean norm; longer ones are scaled down to it.
///
/// `θ_i ← θ_i · min(1, c / ‖θ_i‖)` for each row `i`
///
/// # Shapes
/// - `[outputs, …]`: a row is everything that belongs to one output
/// - `[n]`: one row
///
/// # Numerics
/// Norms are computed in f64. The norm afterwards is at most `c` up to the rounding of the parameter's type.
///
/// # Reference
/// Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov: Dropout, a Simple Way to Prevent Neural Networks from
/// Overfitting. JMLR 15, 2014, section 5.1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MaxNorm {
    /// The largest norm, `c`, above 0.
    pub max: f64,
}

impl Default for MaxNorm {
    /// The smallest of the paper's usual values, 3.
    fn default() -> Self {
        Self { max: 3.0 }
    }
}

impl Config for MaxNorm {
    const NAME: &'static str = "max_norm";

    fn check(&self) -> Result<()> {
        let holds = self.max > 0.0 && self.max.is_finite();
        expect(holds, "max", "to be finite and above 0", self.max)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { max: 0.5 }]
    }
}

impl Constraint for MaxNorm {
    fn project<'g>(&self, theta: Var<'g>) -> Var<'g> {
        let norms = norms(theta);
        // A norm of 0 gives an infinite quotient, so 1.
        let factor = (self.max / norms).minimum(norms.full_like(1.0));
        theta * factor.cast(theta.dtype())
    }
}
