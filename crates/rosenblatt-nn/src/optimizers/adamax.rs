//! AdaMax.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::range::{above_0, at_least_0, share};
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// AdaMax: Adam with the largest recent gradient in place of the root mean square.
///
/// `g ← g + λ θ`, `m ← β₁m + (1−β₁)g`, `u ← max(β₂u, |g| + ε)`, `θ ← θ − α/(1−β₁ᵗ) · m / u`
///
/// Weight decay `λ` is coupled: it is a part of the gradient.
///
/// # Numerics
/// `α/(1−β₁ᵗ)` is computed in f64 for each step. `m` becomes 0 where it is tiny; `u` is at least `ε`.
///
/// # Differences
/// The paper has no `ε`; as in PyTorch it is added to `|g|`, so that `u` is above 0.
///
/// # Reference
/// Kingma, Ba: Adam, a Method for Stochastic Optimization. ICLR 2015. arXiv:1412.6980, Algorithm 2; in PyTorch's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adamax {
    /// Decay rate of the first moment, in `[0, 1)`.
    pub beta1: f64,
    /// Decay rate of the largest gradient, in `[0, 1)`.
    pub beta2: f64,
    /// Added to the absolute value of the gradient for numerical stability, above 0.
    pub eps: f64,
    /// Weight decay through the gradient, `λ`, at least 0.
    pub weight_decay: f64,
}

impl Default for Adamax {
    /// PyTorch's values.
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            weight_decay: 0.0,
        }
    }
}

impl Config for Adamax {
    const NAME: &'static str = "adamax";

    fn check(&self) -> Result<()> {
        share("beta1", self.beta1)?;
        share("beta2", self.beta2)?;
        above_0("eps", self.eps)?;
        at_least_0("weight_decay", self.weight_decay)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                beta1: 0.5,
                beta2: 0.9,
                eps: 1e-4,
                weight_decay: 0.01,
            },
        ]
    }
}

impl Optimizer for Adamax {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        ["m", "u"].map(|name| StateSpec::like(name, parameter)).into()
    }

    fn inputs(&self, t: u64, lr: f64) -> Scalars {
        Scalars::new([("step_size", lr / (1.0 - libm::pow(self.beta1, t as f64)))])
    }

    fn update<'g>(
        &self,
        step: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        step.apply_decayed(self.weight_decay, self, theta, state, [g, step.rate("step_size")])
    }

    fn usual_rate(&self) -> f64 {
        2e-3
    }
}

impl Rule<3, 2> for Adamax {
    const LABEL: &'static str = Self::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, m, u]: [T; 3], [g, rate]: [T; 2]) -> [T; 3] {
        let m = m.moving_average(self.beta1, g);
        let (faded, size) = (g.full_like(self.beta2) * u, g.abs() + g.full_like(self.eps));
        let u = T::select(faded.gt(size), faded, size);
        [theta - rate * (m / u), m, u]
    }
}
