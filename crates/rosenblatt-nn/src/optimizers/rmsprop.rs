//! RMSProp.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::range::{above_0, at_least_0, share};
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// RMSProp: gradients divided by the root of the average of their squares.
///
/// `g ← g + λ θ`, `v ← av + (1−a)g²`, `θ ← θ − α · g / (√v + ε)`
///
/// - `centered`: the denominator is `√(v − m²) + ε`, where `m ← am + (1−a)g` is the average gradient
/// - `momentum`: `b ← μb + g / (√v + ε)`, `θ ← θ − α b`
///
/// Here `a` is `alpha` and `α` the learning rate. Weight decay `λ` is coupled: it is a part of the gradient.
///
/// # Numerics
/// All averages become 0 where they are tiny.
///
/// # Differences
/// `v − m²` is a variance, but may be below 0 by rounding, where PyTorch's parameters become NaN; here it is 0 then.
///
/// # Reference
/// Tieleman, Hinton: Lecture 6.5, RMSProp. Neural Networks for Machine Learning, 2012. Centered: Graves, Generating
/// Sequences with Recurrent Neural Networks. 2013. arXiv:1308.0850, equations 38 to 41; both in PyTorch's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RmsProp {
    /// Decay rate of the averages, in `[0, 1)`.
    pub alpha: f64,
    /// Added to the denominator for numerical stability, above 0.
    pub eps: f64,
    /// Whether to divide by the deviation of the gradient instead of its root mean square.
    pub centered: bool,
    /// Momentum factor `μ`, in `[0, 1)`.
    pub momentum: f64,
    /// Weight decay through the gradient, `λ`, at least 0.
    pub weight_decay: f64,
}

impl Default for RmsProp {
    /// PyTorch's values.
    fn default() -> Self {
        Self {
            alpha: 0.99,
            eps: 1e-8,
            centered: false,
            momentum: 0.0,
            weight_decay: 0.0,
        }
    }
}

impl Config for RmsProp {
    const NAME: &'static str = "rmsprop";

    fn check(&self) -> Result<()> {
        share("alpha", self.alpha)?;
        above_0("eps", self.eps)?;
        share("momentum", self.momentum)?;
        at_least_0("weight_decay", self.weight_decay)
    }

    fn examples() -> Vec<Self> {
        let with = |centered, momentum| Self {
            centered,
            momentum,
            ..Self::default()
        };
        vec![
            Self::default(),
            with(true, 0.0),
            with(false, 0.9),
            Self {
                alpha: 0.9,
                eps: 1e-6,
                weight_decay: 0.01,
                ..with(true, 0.5)
            },
        ]
    }
}

impl Optimizer for RmsProp {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        let all = [("v", true), ("m", self.centered), ("buffer", self.momentum != 0.0)];
        let kept = all.into_iter().filter(|(_, kept)| *kept);
        kept.map(|(name, _)| StateSpec::like(name, parameter)).collect()
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
        let (decay, rule, inputs) = (self.weight_decay, self.clone(), [g, step.lr()]);
        match (self.centered, self.momentum != 0.0) {
            (false, false) => step.apply_decayed(decay, &Plain(rule), theta, state, inputs),
            (true, false) => step.apply_decayed(decay, &Centered(rule), theta, state, inputs),
            (false, true) => step.apply_decayed(decay, &Momentum(rule), theta, state, inputs),
            (true, true) => step.apply_decayed(decay, &CenteredMomentum(rule), theta, state, inputs),
        }
    }

    fn usual_rate(&self) -> f64 {
        1e-2
    }
}

impl RmsProp {
    /// The average of squares, and the gradient divided by its root.
    #[inline(always)]
    fn scaled<T: Real>(&self, v: T, g: T) -> (T, T) {
        let v = v.moving_average(self.alpha, g.flushed_square());
        (v, g / (v.sqrt() + g.full_like(self.eps)))
    }

    /// The averages of squares and of gradients, and the gradient divided by its deviation.
    #[inline(always)]
    fn centered<T: Real>(&self, v: T, m: T, g: T) -> (T, T, T) {
        let zero = g.full_like(0.0);
        let v = v.moving_average(self.alpha, g.flushed_square());
        let m = m.moving_average(self.alpha, g);
        let variance = v - m.flushed_square();
        let variance = T::select(variance.gt(zero), variance, zero);
        (v, m, g / (variance.sqrt() + g.full_like(self.eps)))
    }

    /// The next value of the momentum buffer, before it is flushed.
    #[inline(always)]
    fn pushed<T: Real>(&self, buffer: T, scaled: T) -> T {
        scaled.full_like(self.momentum) * buffer + scaled
    }
}

/// Neither centered nor with momentum.
#[derive(Clone, Debug)]
struct Plain(RmsProp);

impl Rule<2, 2> for Plain {
    const LABEL: &'static str = RmsProp::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, v]: [T; 2], [g, lr]: [T; 2]) -> [T; 2] {
        let (v, scaled) = self.0.scaled(v, g);
        [theta - lr * scaled, v]
    }
}

/// Centered, without momentum.
#[derive(Clone, Debug)]
struct Centered(RmsProp);

impl Rule<3, 2> for Centered {
    const LABEL: &'static str = RmsProp::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, v, m]: [T; 3], [g, lr]: [T; 2]) -> [T; 3] {
        let (v, m, scaled) = self.0.centered(v, m, g);
        [theta - lr * scaled, v, m]
    }
}

/// With momentum, not centered.
#[derive(Clone, Debug)]
struct Momentum(RmsProp);

impl Rule<3, 2> for Momentum {
    const LABEL: &'static str = RmsProp::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, v, buffer]: [T; 3], [g, lr]: [T; 2]) -> [T; 3] {
        let (v, scaled) = self.0.scaled(v, g);
        let buffer = self.0.pushed(buffer, scaled);
        [theta - lr * buffer, v, buffer.flush()]
    }
}

/// Centered, with momentum.
#[derive(Clone, Debug)]
struct CenteredMomentum(RmsProp);

impl Rule<4, 2> for CenteredMomentum {
    const LABEL: &'static str = RmsProp::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, v, m, buffer]: [T; 4], [g, lr]: [T; 2]) -> [T; 4] {
        let (v, m, scaled) = self.0.centered(v, m, g);
        let buffer = self.0.pushed(buffer, scaled);
        [theta - lr * buffer, v, m, buffer.flush()]
    }
}
