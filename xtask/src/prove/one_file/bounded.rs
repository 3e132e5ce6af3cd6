//! Bounded steps.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::range::share;
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// Steps along an average of gradients, none longer than the learning rate.
///
/// `m ← βm + (1−β)g`, `θ ← θ − α m / (1 + |m|)`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Bounded {
    /// Decay rate of the average, in `[0, 1)`.
    pub beta: f64,
}

impl Default for Bounded {
    fn default() -> Self {
        Self { beta: 0.9 }
    }
}

impl Config for Bounded {
    const NAME: &'static str = "bounded";

    fn check(&self) -> Result<()> {
        share("beta", self.beta)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { beta: 0.5 }]
    }
}

impl Optimizer for Bounded {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        vec![StateSpec::like("m", parameter)]
    }

    fn inputs(&self, _t: u64, lr: f64) -> Scalars {
        Scalars::new([("lr", lr)])
    }

    fn update<'g>(
        &self,
        step: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        step.apply(self, theta, state, [g, step.lr()])
    }
}

impl Rule<2, 2> for Bounded {
    const LABEL: &'static str = Self::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, m]: [T; 2], [g, lr]: [T; 2]) -> [T; 2] {
        let m = m.moving_average(self.beta, g);
        [theta - lr * (m / (m.full_like(1.0) + m.abs())), m]
    }
}
