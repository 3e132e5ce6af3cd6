//! Adam with decoupled weight decay.

use rosenblatt_autodiff::{Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Adam;
use super::adam::AmsGrad;
use super::step::Decoupled;
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// Adam with decoupled weight decay.
///
/// `θ ← θ − α λ θ`, then [`Adam`], which has `amsgrad` too
///
/// # Reference
/// Loshchilov, Hutter: Decoupled Weight Decay Regularization. ICLR 2019. arXiv:1711.05101, Algorithm 2; in PyTorch's
/// form, where the learning rate scales the decay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdamW {
    /// Decay rate of the first moment, in `[0, 1)`.
    pub beta1: f64,
    /// Decay rate of the second moment, in `[0, 1)`.
    pub beta2: f64,
    /// Added to the denominator for numerical stability, above 0.
    pub eps: f64,
    /// Weight decay coefficient `λ`, at least 0.
    pub weight_decay: f64,
    /// Whether to divide by the largest second moment so far (AMSGrad).
    pub amsgrad: bool,
}

impl Default for AdamW {
    /// PyTorch's values.
    fn default() -> Self {
        let Adam { beta1, beta2, eps, .. } = Adam::default();
        Self {
            beta1,
            beta2,
            eps,
            weight_decay: 0.01,
            amsgrad: false,
        }
    }
}

impl AdamW {
    /// The rule without its decay.
    fn adam(&self) -> Adam {
        Adam {
            beta1: self.beta1,
            beta2: self.beta2,
            eps: self.eps,
            weight_decay: 0.0,
            amsgrad: self.amsgrad,
        }
    }
}

impl Config for AdamW {
    const NAME: &'static str = "adamw";

    fn check(&self) -> Result<()> {
        Adam {
            weight_decay: self.weight_decay,
            ..self.adam()
        }
        .check()
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                beta1: 0.5,
                eps: 1e-3,
                weight_decay: 0.0,
                ..Self::default()
            },
            Self {
                amsgrad: true,
                ..Self::default()
            },
        ]
    }
}

impl Optimizer for AdamW {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        self.adam().state(parameter)
    }

    fn inputs(&self, t: u64, lr: f64) -> Scalars {
        let [step_size, eps] = *self.adam().inputs(t, lr) else {
            unreachable!("Adam has two")
        };
        Scalars::new([step_size, eps, ("lr", lr)])
    }

    fn update<'g>(
        &self,
        step: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        let Some(lambda) = step.decay(self.weight_decay) else {
            return self.adam().update(step, g, theta, state);
        };
        let inputs = [g, step.rate("step_size"), step.input("eps"), step.lr() * lambda];
        match self.amsgrad {
            false => step.apply(&Decoupled(self.adam()), theta, state, inputs),
            true => step.apply(&Decoupled(AmsGrad(self.adam())), theta, state, inputs),
        }
    }
}
