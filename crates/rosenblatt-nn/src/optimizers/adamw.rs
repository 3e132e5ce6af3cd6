//! Adam with decoupled weight decay.

use rosenblatt_autodiff::{Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Adam;
use crate::optimizers::{Scalars, StateSpec, Step};
use crate::{Config, Optimizer};

/// Adam whose weight decay acts on the weights themselves, not through the gradient and its moments.
///
/// `θ ← θ − α λ θ`, then [`Adam`]
///
/// # Reference
/// Loshchilov, Hutter: Decoupled Weight Decay Regularization. ICLR 2019. arXiv:1711.05101, Algorithm 2; in PyTorch's
/// form, where the learning rate scales the decay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdamW {
    /// Decay of the mean of gradients, in `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squared gradients, in `[0, 1)`.
    pub beta2: f64,
    /// Added to the denominator, above 0; limits the step where gradients vanish.
    pub eps: f64,
    /// Share of the weights that a step of learning rate 1 takes away, `λ`, at least 0.
    pub weight_decay: f64,
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

    fn update<'g>(&self, step: &Step<'g>, g: Var<'g>, theta: Var<'g>, state: &[Var<'g>]) -> (Var<'g>, Vec<Var<'g>>) {
        // Taken away rather than multiplied by `1 − α λ`, whose rounding to f32 would be much of a small `α λ`.
        let decay = step.decay(self.weight_decay);
        let theta = decay.map_or(theta, |lambda| theta - step.lr() * lambda * theta);
        self.adam().update(step, g, theta, state)
    }
}
