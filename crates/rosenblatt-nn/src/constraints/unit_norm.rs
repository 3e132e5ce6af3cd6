//! A norm of 1.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rows::norms;
use crate::{Config, Constraint};

/// The weights of each output have the Euclidean norm 1; a row of zeros stays as it is.
///
/// `θ_i ← θ_i / ‖θ_i‖` for each row `i`
///
/// # Shapes
/// - `[outputs, …]`: a row is everything that belongs to one output
/// - `[n]`: one row
///
/// # Numerics
/// Norms are computed in f64.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitNorm {}

impl Config for UnitNorm {
    const NAME: &'static str = "unit_norm";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Constraint for UnitNorm {
    fn project<'g>(&self, theta: Var<'g>) -> Var<'g> {
        let norms = norms(theta);
        let factor = norms.gt(norms.full_like(0.0)).select(1.0 / norms, norms.full_like(1.0));
        theta * factor.cast(theta.dtype())
    }
}
