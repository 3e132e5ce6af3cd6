//! RAdam.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::step::Decoupled;
use crate::entry::range::{above_0, at_least_0, share};
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// Rectified Adam: the first steps, whose second moments are known from few gradients, are steps of momentum alone.
///
/// `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`, `ρ∞ = 2/(1−β₂) − 1`, `ρₜ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ)`;
/// if `ρₜ > 5`: `θ ← θ − α r m̂ √(1−β₂ᵗ) / (√v + ε)` with `r = √((ρₜ−4)(ρₜ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρₜ))`; else `θ ← θ − α m̂`,
/// where `m̂ = m/(1−β₁ᵗ)`
///
/// Weight decay `λ` is coupled, `g ← g + λ θ`, or with `decoupled_weight_decay` decoupled, `θ ← θ − α λ θ`.
///
/// # Numerics
/// Both kinds of steps are one rule, `θ ← θ − m (a/(√v + ε) + b)`: `a` and `b` are computed in f64 for each step, and one
/// of them is 0. `m` and `v` become 0 where they are tiny.
///
/// # Differences
/// The paper takes steps of the second kind for `ρₜ > 4`; 5 is PyTorch's, as in the authors' program, and so is `ε`.
///
/// # Reference
/// Liu, Jiang, He, Chen, Liu, Gao, Han: On the Variance of the Adaptive Learning Rate and Beyond. ICLR 2020.
/// arXiv:1908.03265, Algorithm 2; in PyTorch's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RAdam {
    /// Decay rate of the first moment, in `[0, 1)`.
    pub beta1: f64,
    /// Decay rate of the second moment, in `[0, 1)`; up to 2/3 all steps are those of momentum alone.
    pub beta2: f64,
    /// Added to the denominator for numerical stability, above 0.
    pub eps: f64,
    /// Weight decay coefficient `λ`, at least 0.
    pub weight_decay: f64,
    /// Whether weight decay is taken from the parameter instead of being a part of the gradient.
    pub decoupled_weight_decay: bool,
}

impl Default for RAdam {
    /// PyTorch's values.
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            weight_decay: 0.0,
            decoupled_weight_decay: false,
        }
    }
}

impl Config for RAdam {
    const NAME: &'static str = "radam";

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
                beta2: 0.6,
                weight_decay: 0.01,
                ..Self::default()
            },
            Self {
                beta1: 0.0,
                beta2: 0.9,
                eps: 1e-4,
                weight_decay: 0.1,
                decoupled_weight_decay: true,
            },
        ]
    }
}

impl RAdam {
    /// `√(1−β₂ᵗ) r`, or `None` while the variance of `v` is not known.
    fn rectification(&self, t: f64) -> Option<f64> {
        let power = libm::pow(self.beta2, t);
        let most = 2.0 / (1.0 - self.beta2) - 1.0;
        let length = most - 2.0 * t * power / (1.0 - power);
        let r = || (length - 4.0) * (length - 2.0) * most / ((most - 4.0) * (most - 2.0) * length);
        (length > 5.0).then(|| libm::sqrt(1.0 - power) * libm::sqrt(r()))
    }
}

impl Optimizer for RAdam {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        ["m", "v"].map(|name| StateSpec::like(name, parameter)).into()
    }

    fn inputs(&self, t: u64, lr: f64) -> Scalars {
        let t = t as f64;
        let rate = lr / (1.0 - libm::pow(self.beta1, t));
        let [adaptive, plain] = match self.rectification(t) {
            Some(factor) => [rate * factor, 0.0],
            None => [0.0, rate],
        };
        Scalars::new([("adaptive_rate", adaptive), ("plain_rate", plain), ("lr", lr)])
    }

    fn update<'g>(
        &self,
        step: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        let [adaptive, plain] = ["adaptive_rate", "plain_rate"].map(|name| step.rate(name));
        match step.decay(self.weight_decay) {
            Some(lambda) if self.decoupled_weight_decay => {
                let inputs = [g, adaptive, plain, step.lr() * lambda];
                step.apply(&Decoupled(self.clone()), theta, state, inputs)
            }
            _ => step.apply_decayed(self.weight_decay, self, theta, state, [g, adaptive, plain]),
        }
    }
}

impl Rule<3, 3> for RAdam {
    const LABEL: &'static str = Self::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, m, v]: [T; 3], [g, adaptive, plain]: [T; 3]) -> [T; 3] {
        let m = m.moving_average(self.beta1, g);
        let v = v.moving_average(self.beta2, g.flushed_square());
        let rate = adaptive / (v.sqrt() + g.full_like(self.eps)) + plain;
        [theta - m * rate, m, v]
    }
}
