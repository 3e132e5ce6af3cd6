//! AdaDelta.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::range::{above_0, at_least_0, share};
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// AdaDelta: the size of a step follows from the sizes of earlier steps, so the learning rate is 1 as a rule.
///
/// `g ← g + λ θ`, `v ← ρv + (1−ρ)g²`, `Δ = √(u + ε) / √(v + ε) · g`, `u ← ρu + (1−ρ)Δ²`, `θ ← θ − α Δ`
///
/// Weight decay `λ` is coupled: it is a part of the gradient.
///
/// # Numerics
/// Both averages become 0 where they are tiny. The first steps have size `√ε`, so learning begins slowly.
///
/// # Differences
/// The paper has no learning rate `α` and no decay; both are PyTorch's.
///
/// # Reference
/// Zeiler: ADADELTA, an Adaptive Learning Rate Method. 2012. arXiv:1212.5701, Algorithm 1; in PyTorch's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adadelta {
    /// Decay rate of both averages, `ρ`, in `[0, 1)`.
    pub rho: f64,
    /// Added to both averages for numerical stability, above 0.
    pub eps: f64,
    /// Weight decay through the gradient, `λ`, at least 0.
    pub weight_decay: f64,
}

impl Default for Adadelta {
    /// PyTorch's values.
    fn default() -> Self {
        Self {
            rho: 0.9,
            eps: 1e-6,
            weight_decay: 0.0,
        }
    }
}

impl Config for Adadelta {
    const NAME: &'static str = "adadelta";

    fn check(&self) -> Result<()> {
        share("rho", self.rho)?;
        above_0("eps", self.eps)?;
        at_least_0("weight_decay", self.weight_decay)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                rho: 0.5,
                eps: 1e-4,
                weight_decay: 0.01,
            },
        ]
    }
}

impl Optimizer for Adadelta {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        ["v", "u"].map(|name| StateSpec::like(name, parameter)).into()
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
        step.apply_decayed(self.weight_decay, self, theta, state, [g, step.lr()])
    }

    fn usual_rate(&self) -> f64 {
        1.0
    }
}

impl Rule<3, 2> for Adadelta {
    const LABEL: &'static str = Self::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, v, u]: [T; 3], [g, lr]: [T; 2]) -> [T; 3] {
        let eps = g.full_like(self.eps);
        let v = v.moving_average(self.rho, g.flushed_square());
        let delta = (u + eps).sqrt() / (v + eps).sqrt() * g;
        let u = u.moving_average(self.rho, delta.flushed_square());
        [theta - lr * delta, v, u]
    }
}
