//! Several inputs side by side.

use rosenblatt_autodiff::Var;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::merge::first;
use crate::{Config, Layer, Scope};

/// Its inputs one after the other along an axis.
///
/// `y = [x₀, x₁, …]`
///
/// # Shapes
/// - `xᵢ`: equal but for the size along `axis`
/// - `y`: the sum of these sizes along `axis`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Concat {
    /// The axis; negative numbers count from the last one, which is −1.
    pub axis: isize,
}

impl Default for Concat {
    /// The last axis: that of the features.
    fn default() -> Self {
        Self { axis: -1 }
    }
}

impl Config for Concat {
    const NAME: &'static str = "concat";

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { axis: 1 }]
    }
}

impl Layer for Concat {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        self.join(scope, &[x])
    }

    fn join<'g>(&self, scope: &Scope<'g>, xs: &[Var<'g>]) -> Var<'g> {
        match first(scope, xs) {
            Ok((first, [])) => first,
            Ok((first, others)) => first.concat(others, self.axis),
            Err(failed) => failed,
        }
    }
}
