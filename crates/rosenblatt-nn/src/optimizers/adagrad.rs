//! AdaGrad.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::range::{above_0, at_least_0};
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// AdaGrad: the learning rate of each number falls with the sum of its squared gradients.
///
/// `g ← g + λ θ`, `s ← s + g²`, `θ ← θ − αₜ · g / (√s + ε)` with `αₜ = α / (1 + (t − 1) η)`
///
/// Weight decay `λ` is coupled: it is a part of the gradient. `η` is `lr_decay`.
///
/// # Numerics
/// The sum begins at `initial_accumulator_value` and never falls. Squares that are tiny count as 0.
///
/// # Differences
/// The paper has neither `lr_decay` nor decay; both are PyTorch's.
///
/// # Reference
/// Duchi, Hazan, Singer: Adaptive Subgradient Methods for Online Learning and Stochastic Optimization. JMLR 12 (2011),
/// figure 1 with diagonal matrices; in PyTorch's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adagrad {
    /// Decay of the learning rate, `η`, at least 0.
    pub lr_decay: f64,
    /// Initial value of the sum of squared gradients, at least 0.
    pub initial_accumulator_value: f64,
    /// Added to the denominator for numerical stability, above 0.
    pub eps: f64,
    /// Weight decay through the gradient, `λ`, at least 0.
    pub weight_decay: f64,
}

impl Default for Adagrad {
    /// PyTorch's values.
    fn default() -> Self {
        Self {
            lr_decay: 0.0,
            initial_accumulator_value: 0.0,
            eps: 1e-10,
            weight_decay: 0.0,
        }
    }
}

impl Config for Adagrad {
    const NAME: &'static str = "adagrad";

    fn check(&self) -> Result<()> {
        at_least_0("lr_decay", self.lr_decay)?;
        at_least_0("initial_accumulator_value", self.initial_accumulator_value)?;
        above_0("eps", self.eps)?;
        at_least_0("weight_decay", self.weight_decay)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                lr_decay: 1e-3,
                initial_accumulator_value: 0.1,
                eps: 1e-6,
                weight_decay: 0.01,
            },
        ]
    }
}

impl Optimizer for Adagrad {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        vec![StateSpec::like("sum", parameter).starting_at(self.initial_accumulator_value)]
    }

    fn inputs(&self, t: u64, lr: f64) -> Scalars {
        Scalars::new([("lr", lr / (1.0 + (t - 1) as f64 * self.lr_decay))])
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
        1e-2
    }
}

impl Rule<2, 2> for Adagrad {
    const LABEL: &'static str = Self::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, sum]: [T; 2], [g, lr]: [T; 2]) -> [T; 2] {
        let sum = (sum + g.flushed_square()).flush();
        [theta - lr * (g / (sum.sqrt() + g.full_like(self.eps))), sum]
    }
}
