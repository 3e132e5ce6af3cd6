//! Lion.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::step::Decoupled;
use crate::entry::range::{at_least_0, share};
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// Lion: every number moves by the learning rate, in the direction that the sign of an average says.
///
/// `θ ← θ − α λ θ`, `θ ← θ − α sign(β₁m + (1−β₁)g)`, `m ← β₂m + (1−β₂)g`
///
/// Weight decay `λ` is decoupled. Steps are larger than those of [`super::AdamW`], so the learning rate is 3 to 10 times
/// smaller, and `λ` as many times larger.
///
/// # Numerics
/// Both averages become 0 where they are tiny, and the sign of 0 is 0.
///
/// # Reference
/// Chen et al.: Symbolic Discovery of Optimization Algorithms. NeurIPS 2023. arXiv:2302.06675, Algorithm 2; defaults are
/// those of optax.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Lion {
    /// Share of the average in the direction of a step, in `[0, 1)`.
    pub beta1: f64,
    /// Decay rate of the average, in `[0, 1)`.
    pub beta2: f64,
    /// Weight decay coefficient `λ`, at least 0.
    pub weight_decay: f64,
}

impl Default for Lion {
    /// optax's values.
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.99,
            weight_decay: 1e-3,
        }
    }
}

impl Config for Lion {
    const NAME: &'static str = "lion";

    fn check(&self) -> Result<()> {
        share("beta1", self.beta1)?;
        share("beta2", self.beta2)?;
        at_least_0("weight_decay", self.weight_decay)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                beta1: 0.5,
                weight_decay: 0.0,
                ..Self::default()
            },
        ]
    }
}

impl Optimizer for Lion {
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
        let lr = step.lr();
        match step.decay(self.weight_decay) {
            Some(lambda) => step.apply(&Decoupled(self.clone()), theta, state, [g, lr, lr * lambda]),
            None => step.apply(self, theta, state, [g, lr]),
        }
    }

    /// That of the authors' program; optax has none.
    fn usual_rate(&self) -> f64 {
        1e-4
    }
}

impl Rule<2, 2> for Lion {
    const LABEL: &'static str = Self::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, m]: [T; 2], [g, lr]: [T; 2]) -> [T; 2] {
        let (zero, direction) = (g.full_like(0.0), m.moving_average(self.beta1, g));
        let step = T::select(direction.gt(zero), lr, T::select(direction.lt(zero), -lr, zero));
        [theta - step, m.moving_average(self.beta2, g)]
    }
}
