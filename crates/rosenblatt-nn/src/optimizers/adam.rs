//! Adam.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::range::{above_0, at_least_0, share};
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
/// With `amsgrad`, `√v` is that of the largest `v` so far, which is kept too.
///
/// # Differences
/// As in PyTorch, the largest of the averages `v` is kept and corrected, where the paper on AMSGrad corrects nothing.
///
/// # Reference
/// Kingma, Ba: Adam, a Method for Stochastic Optimization. ICLR 2015. arXiv:1412.6980, Algorithm 1. AMSGrad:
/// Reddi, Kale, Kumar: On the Convergence of Adam and Beyond. ICLR 2018. arXiv:1904.09237, Algorithm 2.
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
    /// Whether to divide by the largest second moment so far (AMSGrad).
    pub amsgrad: bool,
}

impl Default for Adam {
    /// The paper's values.
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            weight_decay: 0.0,
            amsgrad: false,
        }
    }
}

impl Config for Adam {
    const NAME: &'static str = "adam";

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
                beta1: 0.0,
                beta2: 0.5,
                ..Self::default()
            },
            Self {
                eps: 1e-3,
                weight_decay: 0.1,
                ..Self::default()
            },
            Self {
                amsgrad: true,
                ..Self::default()
            },
        ]
    }
}

impl Optimizer for Adam {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        let names = if self.amsgrad {
            &["m", "v", "v_max"][..]
        } else {
            &["m", "v"]
        };
        names.iter().map(|name| StateSpec::like(name, parameter)).collect()
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
        match self.amsgrad {
            false => step.apply_decayed(self.weight_decay, self, theta, state, inputs),
            true => step.apply_decayed(self.weight_decay, &AmsGrad(self.clone()), theta, state, inputs),
        }
    }
}

impl Adam {
    /// The moments after a gradient.
    #[inline(always)]
    fn moments<T: Real>(&self, [m, v]: [T; 2], g: T) -> [T; 2] {
        [
            m.moving_average(self.beta1, g),
            v.moving_average(self.beta2, g.flushed_square()),
        ]
    }
}

impl Rule<3, 3> for Adam {
    const LABEL: &'static str = Self::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, m, v]: [T; 3], [g, rate, eps]: [T; 3]) -> [T; 3] {
        let [m, v] = self.moments([m, v], g);
        [theta - rate * (m / (v.sqrt() + eps)), m, v]
    }
}

/// With the largest second moment so far.
#[derive(Clone, Debug)]
pub(super) struct AmsGrad(pub(super) Adam);

impl Rule<4, 3> for AmsGrad {
    const LABEL: &'static str = Adam::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, m, v, v_max]: [T; 4], [g, rate, eps]: [T; 3]) -> [T; 4] {
        let [m, v] = self.0.moments([m, v], g);
        let v_max = T::select(v.gt(v_max), v, v_max);
        [theta - rate * (m / (v_max.sqrt() + eps)), m, v, v_max]
    }
}
