//! Adam.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// Adam.
///
/// `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`, `θ ← θ − α · m̂ / (√v̂ + ε)`
///
/// # Numerics
/// Both corrections, `m̂ = m/(1−β₁ᵗ)` and `v̂ = v/(1−β₂ᵗ)`, are moved into two numbers computed in f64 for each step
/// (section 2 of the paper): with `c = √(1−β₂ᵗ)`, the step is `α c/(1−β₁ᵗ) · m / (√v + ε c)`. `m` and `v` become 0
/// where they are tiny.
///
/// # Reference
/// Kingma, Ba: Adam, a Method for Stochastic Optimization. ICLR 2015. arXiv:1412.6980, Algorithm 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adam {
    /// Decay rate of the first moment, in `[0, 1)`.
    pub beta1: f64,
    /// Decay rate of the second moment, in `[0, 1)`.
    pub beta2: f64,
    /// Added to the denominator for numerical stability, above 0.
    pub eps: f64,
    /// Weight decay through the gradient, `λ`, at least 0; see [`super::AdamW`] for the other way.
    pub weight_decay: f64,
}

impl Default for Adam {
    /// The paper's values.
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            weight_decay: 0.0,
        }
    }
}

impl Config for Adam {
    const NAME: &'static str = "adam";

    fn check(&self) -> Result<()> {
        let unit = 0.0..1.0;
        expect(unit.contains(&self.beta1), "beta1", "in [0, 1)", self.beta1)?;
        expect(unit.contains(&self.beta2), "beta2", "in [0, 1)", self.beta2)?;
        expect(self.eps > 0.0 && self.eps.is_finite(), "eps", "to be above 0", self.eps)?;
        expect(
            (0.0..f64::INFINITY).contains(&self.weight_decay),
            "weight_decay",
            "to be at least 0",
            self.weight_decay,
        )
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                beta1: 0.0,
                beta2: 0.5,
                ..Self::default()
            },
            Self {
                eps: 1e-3,
                weight_decay: 0.1,
                ..Self::default()
            },
        ]
    }
}

impl Optimizer for Adam {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        ["m", "v"].map(|name| StateSpec::like(name, parameter)).into()
    }

    fn inputs(&self, t: u64, lr: f64) -> Scalars {
        let power = |beta: f64| libm::pow(beta, t as f64);
        let c = libm::sqrt(1.0 - power(self.beta2));
        Scalars::new([("step_size", lr * c / (1.0 - power(self.beta1))), ("eps", self.eps * c)])
    }

    fn update<'g>(
        &self,
        step: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        let inputs = [g, step.rate("step_size"), step.input("eps")];
        step.apply_decayed(self.weight_decay, self, theta, state, inputs)
    }
}

impl Rule<3, 3> for Adam {
    const LABEL: &'static str = Self::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, m, v]: [T; 3], [g, rate, eps]: [T; 3]) -> [T; 3] {
        let m = m.moving_average(self.beta1, g);
        let v = v.moving_average(self.beta2, g.flushed_square());
        [theta - rate * (m / (v.sqrt() + eps)), m, v]
    }
}
