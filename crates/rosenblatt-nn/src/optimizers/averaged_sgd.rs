//! Stochastic gradient descent whose iterates are averaged.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::range::at_least_0;
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// The mean of the iterates, which a network is evaluated with.
const AVERAGE: &str = "average";

/// Averaged stochastic gradient descent (ASGD): plain steps, and the mean of all points they lead to.
///
/// `g ← g + λ θ`, `θ ← θ − α g`, `a ← a + (θ − a) / max(1, t − start)`
///
/// The parameter during training is `θ`; its mean `a` is what a network is evaluated with ([`Optimizer::evaluated_state`]). All
/// points after the first `start` steps count alike. With the loss `perceptron`, batches of one row and a learning rate of 1,
/// this is the averaged perceptron.
///
/// # Numerics
/// The mean is kept in the parameter's type. In f32, after 10⁷ steps, what a step adds to it is near its rounding error.
///
/// # Differences
/// The learning rate does not fall by itself (PyTorch's `lambd` and `alpha`): a schedule does that. PyTorch begins a step later:
/// its `t0` is `start − 1`.
///
/// # Reference
/// Polyak, Juditsky: Acceleration of Stochastic Approximation by Averaging. SIAM Journal on Control and Optimization 30, 1992.
/// Freund, Schapire: Large Margin Classification Using the Perceptron Algorithm. Machine Learning 37, 1999.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AveragedSgd {
    /// Steps before the averaging begins.
    pub start: u64,
    /// Weight decay through the gradient, `λ`, at least 0.
    pub weight_decay: f64,
}

impl Config for AveragedSgd {
    const NAME: &'static str = "averaged_sgd";

    fn check(&self) -> Result<()> {
        at_least_0("weight_decay", self.weight_decay)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                start: 2,
                weight_decay: 0.01,
            },
        ]
    }
}

impl Optimizer for AveragedSgd {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        vec![StateSpec::like(AVERAGE, parameter).copied()]
    }

    fn evaluated_state(&self) -> Option<&'static str> {
        Some(AVERAGE)
    }

    fn inputs(&self, t: u64, lr: f64) -> Scalars {
        let averaged = t.saturating_sub(self.start).max(1);
        Scalars::new([("lr", lr), ("share", 1.0 / averaged as f64)])
    }

    fn update<'g>(
        &self,
        step: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        let inputs = [g, step.lr(), step.input("share")];
        step.apply_decayed(self.weight_decay, &Averaged, theta, state, inputs)
    }

    fn usual_rate(&self) -> f64 {
        1e-2
    }
}

/// A step, and its share of the mean.
#[derive(Clone, Debug)]
struct Averaged;

impl Rule<2, 3> for Averaged {
    const LABEL: &'static str = AveragedSgd::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, average]: [T; 2], [g, lr, share]: [T; 3]) -> [T; 2] {
        let theta = theta - lr * g;
        [theta, (average + share * (theta - average)).flush()]
    }
}
