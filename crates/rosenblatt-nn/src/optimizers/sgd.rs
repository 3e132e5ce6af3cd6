//! Stochastic gradient descent.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::range::{at_least_0, share};
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// Stochastic gradient descent, with momentum if asked for.
///
/// `g ← g + λ θ`, `b ← μ b + g`, `θ ← θ − α b`; Nesterov's form: `θ ← θ − α (g + μ b)`
///
/// # Reference
/// Sutskever, Martens, Dahl, Hinton: On the Importance of Initialization and Momentum in Deep Learning. ICML 2013; in
/// PyTorch's form, where the learning rate is not part of the velocity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sgd {
    /// Momentum factor `μ`, in `[0, 1)`.
    pub momentum: f64,
    /// Whether to use Nesterov momentum; needs `momentum` above 0.
    pub nesterov: bool,
    /// Weight decay through the gradient, `λ`, at least 0.
    pub weight_decay: f64,
}

impl Config for Sgd {
    const NAME: &'static str = "sgd";

    fn check(&self) -> Result<()> {
        share("momentum", self.momentum)?;
        at_least_0("weight_decay", self.weight_decay)?;
        if self.nesterov && self.momentum == 0.0 {
            return Err(Error::config("`nesterov` needs momentum").hint("set `momentum = 0.9`"));
        }
        Ok(())
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                momentum: 0.9,
                ..Self::default()
            },
            Self {
                momentum: 0.9,
                nesterov: true,
                weight_decay: 0.01,
            },
        ]
    }
}

impl Optimizer for Sgd {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        let momentum = self.momentum != 0.0;
        momentum
            .then(|| StateSpec::like("velocity", parameter))
            .into_iter()
            .collect()
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
        let inputs = [g, step.lr()];
        match state {
            [] => step.apply_decayed(self.weight_decay, &Plain, theta, state, inputs),
            _ if self.nesterov => step.apply_decayed(self.weight_decay, &Nesterov(self.momentum), theta, state, inputs),
            _ => step.apply_decayed(self.weight_decay, &Momentum(self.momentum), theta, state, inputs),
        }
    }

    fn usual_rate(&self) -> f64 {
        1e-2
    }
}

/// Without velocity.
#[derive(Clone, Debug)]
struct Plain;

impl Rule<1, 2> for Plain {
    const LABEL: &'static str = Sgd::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta]: [T; 1], [g, lr]: [T; 2]) -> [T; 1] {
        [theta - lr * g]
    }
}

/// A share of the velocity stays.
#[derive(Clone, Debug)]
struct Momentum(f64);

impl Rule<2, 2> for Momentum {
    const LABEL: &'static str = Sgd::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, velocity]: [T; 2], [g, lr]: [T; 2]) -> [T; 2] {
        let velocity = g.full_like(self.0) * velocity + g;
        [theta - lr * velocity, velocity.flush()]
    }
}

/// As [`Momentum`], and the gradient is corrected by the velocity to come.
#[derive(Clone, Debug)]
struct Nesterov(f64);

impl Rule<2, 2> for Nesterov {
    const LABEL: &'static str = Sgd::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, velocity]: [T; 2], [g, lr]: [T; 2]) -> [T; 2] {
        let velocity = g.full_like(self.0) * velocity + g;
        let direction = g + g.full_like(self.0) * velocity;
        [theta - lr * direction, velocity.flush()]
    }
}
