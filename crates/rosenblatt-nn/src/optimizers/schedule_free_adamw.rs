//! Schedule-free AdamW.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schedule_free::{AVERAGE, Share, Weighting, moved};
use crate::entry::range::{above_0, at_least_0, open_share, share};
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// Schedule-free AdamW: an average of the iterates takes the place of a falling learning rate.
///
/// `v ← β₂v + (1−β₂)g²`, `z ← z − α (g / (√v̂ + ε) + λ y)`, `x ← (1 − c)x + c z`, `y ← (1 − β₁)z + β₁ x` with
/// `v̂ = v/(1−β₂ᵗ)`
///
/// The parameter during training is `y`, where gradients are taken; `x` is what a network is evaluated with
/// ([`Optimizer::evaluated_state`]). Weights `c` are those of [`super::ScheduleFreeSgd`]. Weight decay `λ` is decoupled, and
/// taken at `y`. A schedule is not needed; warm-up helps.
///
/// # Numerics
/// As [`super::ScheduleFreeSgd`]; the correction of `v` is that of [`super::Adam`].
///
/// # Differences
/// As [`super::ScheduleFreeSgd`].
///
/// # Reference
/// Defazio, Yang, Mehta, Mishchenko, Khaled, Cutkosky: The Road Less Scheduled. NeurIPS 2024. arXiv:2405.15682, Algorithm 1;
/// defaults are those of the authors' program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleFreeAdamW {
    /// Share of the average in the point where gradients are taken, in `(0, 1)`.
    pub beta1: f64,
    /// Decay rate of the second moment, in `[0, 1)`.
    pub beta2: f64,
    /// Added to the denominator for numerical stability, above 0.
    pub eps: f64,
    /// Weight decay coefficient `λ`, at least 0.
    pub weight_decay: f64,
    /// Power of the step in the weight of a point, at least 0; 0 weighs early and late points alike.
    pub r: f64,
    /// Power of the largest learning rate so far in the weight of a point, at least 0.
    pub weight_lr_power: f64,
}

impl Default for ScheduleFreeAdamW {
    /// The authors' values.
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            weight_decay: 0.0,
            r: 0.0,
            weight_lr_power: 2.0,
        }
    }
}

impl ScheduleFreeAdamW {
    fn weighting(&self) -> Weighting {
        Weighting {
            r: self.r,
            weight_lr_power: self.weight_lr_power,
        }
    }

    /// The second moment, and the gradient divided by its root.
    #[inline(always)]
    fn scaled<T: Real>(&self, v: T, g: T, c: T, eps: T) -> (T, T) {
        let v = v.moving_average(self.beta2, g.flushed_square());
        (v, c * g / (v.sqrt() + eps))
    }
}

impl Config for ScheduleFreeAdamW {
    const NAME: &'static str = "schedule_free_adamw";

    fn check(&self) -> Result<()> {
        open_share("beta1", self.beta1)?;
        share("beta2", self.beta2)?;
        above_0("eps", self.eps)?;
        at_least_0("weight_decay", self.weight_decay)?;
        self.weighting().check()
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                beta1: 0.5,
                beta2: 0.9,
                eps: 1e-4,
                weight_decay: 0.01,
                r: 1.0,
                weight_lr_power: 1.0,
            },
        ]
    }
}

impl Optimizer for ScheduleFreeAdamW {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        let [x, z, lr_max, weight_sum] = Weighting::state(parameter);
        vec![x, z, StateSpec::like("v", parameter), lr_max, weight_sum]
    }

    fn evaluated_state(&self) -> Option<&'static str> {
        Some(AVERAGE)
    }

    fn inputs(&self, t: u64, lr: f64) -> Scalars {
        let c = libm::sqrt(1.0 - libm::pow(self.beta2, t as f64));
        Scalars::new([
            ("lr", lr),
            ("age", self.weighting().age(t)),
            ("correction", c),
            ("eps", self.eps * c),
        ])
    }

    fn update<'g>(
        &self,
        step: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        let &[x, z, v, lr_max, weight_sum] = state else {
            unreachable!("as many as `state` says")
        };
        let Share { share, state } = self.weighting().share(step, [lr_max, weight_sum]);
        let (places, rule) = ([x, z, v], self.clone());
        let inputs = [g, step.lr(), share, step.input("correction"), step.input("eps")];
        let (theta, mut kept) = match step.decay(self.weight_decay) {
            Some(lambda) => step.apply(&Decaying { rule, lambda }, theta, &places, inputs),
            None => step.apply(self, theta, &places, inputs),
        };
        kept.extend(state);
        (theta, kept)
    }

    fn usual_rate(&self) -> f64 {
        2.5e-3
    }
}

impl Rule<4, 5> for ScheduleFreeAdamW {
    const LABEL: &'static str = Self::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [_, x, z, v]: [T; 4], [g, lr, share, c, eps]: [T; 5]) -> [T; 4] {
        let (v, scaled) = self.scaled(v, g, c, eps);
        let [y, x, z] = moved(x, z - lr * scaled, share, self.beta1);
        [y, x, z, v]
    }
}

/// With weight decay.
#[derive(Clone, Debug)]
struct Decaying {
    rule: ScheduleFreeAdamW,
    lambda: f64,
}

impl Rule<4, 5> for Decaying {
    const LABEL: &'static str = ScheduleFreeAdamW::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [y, x, z, v]: [T; 4], [g, lr, share, c, eps]: [T; 5]) -> [T; 4] {
        let (v, scaled) = self.rule.scaled(v, g, c, eps);
        let step = scaled + y.full_like(self.lambda) * y;
        let [y, x, z] = moved(x, z - lr * step, share, self.rule.beta1);
        [y, x, z, v]
    }
}
