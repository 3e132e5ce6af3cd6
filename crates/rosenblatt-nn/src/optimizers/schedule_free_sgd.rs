//! Schedule-free SGD.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schedule_free::{AVERAGE, Share, Weighting, moved};
use crate::entry::range::{at_least_0, open_share};
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// Schedule-free SGD: an average of the iterates takes the place of a falling learning rate.
///
/// `g ← g + λ y`, `z ← z − α g`, `x ← (1 − c)x + c z`, `y ← (1 − β)z + β x`
///
/// The parameter during training is `y`, where gradients are taken; `x` is what a network is evaluated with
/// ([`Optimizer::evaluated_state`]). `β` is `momentum`, `cₜ = wₜ/Σwᵢ`, and `wₜ = tʳ αᵖ` with the largest learning rate `α`
/// so far and `p` = `weight_lr_power`. Weight decay `λ` is coupled, and taken at `y`. A schedule is not needed; warm-up helps.
///
/// # Numerics
/// `x` and `z` are kept, and `y` is computed from them. What `c` follows from is kept in two scalars for each parameter.
///
/// # Differences
/// The authors' program keeps `y` and `z` and computes `x` from them where it is needed, and has warm-up of its own; here a
/// schedule does that.
///
/// # Reference
/// Defazio, Yang, Mehta, Mishchenko, Khaled, Cutkosky: The Road Less Scheduled. NeurIPS 2024. arXiv:2405.15682, equations 3
/// to 5; defaults are those of the authors' program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleFreeSgd {
    /// Share of the average in the point where gradients are taken, `β`, in `(0, 1)`.
    pub momentum: f64,
    /// Weight decay through the gradient, `λ`, at least 0.
    pub weight_decay: f64,
    /// Power of the step in the weight of a point, at least 0; 0 weighs early and late points alike.
    pub r: f64,
    /// Power of the largest learning rate so far in the weight of a point, at least 0.
    pub weight_lr_power: f64,
}

impl Default for ScheduleFreeSgd {
    /// The authors' values.
    fn default() -> Self {
        Self {
            momentum: 0.9,
            weight_decay: 0.0,
            r: 0.0,
            weight_lr_power: 2.0,
        }
    }
}

impl ScheduleFreeSgd {
    fn weighting(&self) -> Weighting {
        Weighting {
            r: self.r,
            weight_lr_power: self.weight_lr_power,
        }
    }
}

impl Config for ScheduleFreeSgd {
    const NAME: &'static str = "schedule_free_sgd";

    fn check(&self) -> Result<()> {
        open_share("momentum", self.momentum)?;
        at_least_0("weight_decay", self.weight_decay)?;
        self.weighting().check()
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                momentum: 0.5,
                weight_decay: 0.01,
                r: 1.0,
                weight_lr_power: 0.0,
            },
        ]
    }
}

impl Optimizer for ScheduleFreeSgd {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        Weighting::state(parameter).into()
    }

    fn evaluated_state(&self) -> Option<&'static str> {
        Some(AVERAGE)
    }

    fn inputs(&self, t: u64, lr: f64) -> Scalars {
        Scalars::new([("lr", lr), ("age", self.weighting().age(t))])
    }

    fn update<'g>(
        &self,
        step: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        let &[x, z, lr_max, weight_sum] = state else {
            unreachable!("as many as `state` says")
        };
        let Share { share, state } = self.weighting().share(step, [lr_max, weight_sum]);
        let (theta, mut kept) = step.apply_decayed(self.weight_decay, self, theta, &[x, z], [g, step.lr(), share]);
        kept.extend(state);
        (theta, kept)
    }

    fn usual_rate(&self) -> f64 {
        1.0
    }
}

impl Rule<3, 3> for ScheduleFreeSgd {
    const LABEL: &'static str = Self::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [_, x, z]: [T; 3], [g, lr, share]: [T; 3]) -> [T; 3] {
        moved(x, z - lr * g, share, self.momentum)
    }
}
