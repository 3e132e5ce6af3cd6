//! NAdam.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::step::Decoupled;
use crate::entry::range::{above_0, at_least_0, share};
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// NAdam: Adam with Nesterov momentum, whose momentum factor grows in the run.
///
/// `μₜ = β₁(1 − ½ · 0.96^(tψ))`, `Pₜ = μ₁ ⋯ μₜ`, `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`,
/// `θ ← θ − α (μₜ₊₁ m / (1−Pₜ₊₁) + (1−μₜ) g / (1−Pₜ)) / (√v̂ + ε)` with `v̂ = v/(1−β₂ᵗ)`
///
/// `ψ` is `momentum_decay`. Weight decay `λ` is coupled, `g ← g + λ θ`, or with `decoupled_weight_decay` decoupled,
/// `θ ← θ − α λ θ`.
///
/// # Numerics
/// What depends on the step is computed in f64 from `t` alone, in a time that does not grow with it: with `q = 0.96^ψ`,
/// `ln Pₜ = t ln β₁ − Σₙ (q/2)ⁿ/n · (1 − qⁿᵗ)/(1 − qⁿ)`, whose terms at least halve. `m` and `v` become 0 where they are tiny.
///
/// # Reference
/// Dozat: Incorporating Nesterov Momentum into Adam. ICLR 2016 workshop; in PyTorch's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NAdam {
    /// Decay rate of the first moment, in `[0, 1)`.
    pub beta1: f64,
    /// Decay rate of the second moment, in `[0, 1)`.
    pub beta2: f64,
    /// Added to the denominator for numerical stability, above 0.
    pub eps: f64,
    /// How fast the momentum factor grows, `ψ`, at least 0.
    pub momentum_decay: f64,
    /// Weight decay coefficient `λ`, at least 0.
    pub weight_decay: f64,
    /// Whether weight decay is taken from the parameter instead of being a part of the gradient.
    pub decoupled_weight_decay: bool,
}

impl Default for NAdam {
    /// PyTorch's values.
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            momentum_decay: 4e-3,
            weight_decay: 0.0,
            decoupled_weight_decay: false,
        }
    }
}

impl Config for NAdam {
    const NAME: &'static str = "nadam";

    fn check(&self) -> Result<()> {
        share("beta1", self.beta1)?;
        share("beta2", self.beta2)?;
        above_0("eps", self.eps)?;
        at_least_0("momentum_decay", self.momentum_decay)?;
        at_least_0("weight_decay", self.weight_decay)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                beta1: 0.0,
                momentum_decay: 0.0,
                weight_decay: 0.01,
                ..Self::default()
            },
            Self {
                eps: 1e-4,
                momentum_decay: 0.1,
                weight_decay: 0.1,
                decoupled_weight_decay: true,
                ..Self::default()
            },
        ]
    }
}

impl NAdam {
    /// `μₜ`
    fn momentum(&self, t: f64) -> f64 {
        self.beta1 * (1.0 - 0.5 * libm::pow(0.96, t * self.momentum_decay))
    }

    /// `μ₁ ⋯ μₜ`: the series of `ln(1 − qⁱ/2)` for each `i`, summed over `i` first, which is a geometric sum.
    fn product(&self, t: f64) -> f64 {
        // 2⁻⁶⁰ is less than a rounding error of the largest sum that matters.
        const TERMS: i32 = 60;
        let ln_q = self.momentum_decay * libm::log(0.96);
        let term = |n: i32| {
            let power = f64::from(n) * ln_q;
            let sum = match power == 0.0 {
                true => t,
                false => libm::exp(power) * libm::expm1(t * power) / libm::expm1(power),
            };
            sum * libm::ldexp(1.0, -n) / f64::from(n)
        };
        libm::pow(self.beta1, t) * libm::exp(-(1..=TERMS).map(term).sum::<f64>())
    }
}

impl Optimizer for NAdam {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        ["m", "v"].map(|name| StateSpec::like(name, parameter)).into()
    }

    fn inputs(&self, t: u64, lr: f64) -> Scalars {
        let t = t as f64;
        let c = libm::sqrt(1.0 - libm::pow(self.beta2, t));
        let (now, next) = (self.momentum(t), self.momentum(t + 1.0));
        let product = self.product(t);
        Scalars::new([
            ("gradient_rate", lr * c * (1.0 - now) / (1.0 - product)),
            ("momentum_rate", lr * c * next / (1.0 - product * next)),
            ("eps", self.eps * c),
            ("lr", lr),
        ])
    }

    fn update<'g>(
        &self,
        step: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        let rates = ["gradient_rate", "momentum_rate"].map(|name| step.rate(name));
        let inputs = [g, rates[0], rates[1], step.input("eps")];
        match step.decay(self.weight_decay) {
            Some(lambda) if self.decoupled_weight_decay => {
                let [g, gradient, momentum, eps] = inputs;
                let inputs = [g, gradient, momentum, eps, step.lr() * lambda];
                step.apply(&Decoupled(self.clone()), theta, state, inputs)
            }
            _ => step.apply_decayed(self.weight_decay, self, theta, state, inputs),
        }
    }

    fn usual_rate(&self) -> f64 {
        2e-3
    }
}

impl Rule<3, 4> for NAdam {
    const LABEL: &'static str = Self::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, m, v]: [T; 3], [g, gradient_rate, momentum_rate, eps]: [T; 4]) -> [T; 3] {
        let m = m.moving_average(self.beta1, g);
        let v = v.moving_average(self.beta2, g.flushed_square());
        let direction = gradient_rate * g + momentum_rate * m;
        [theta - direction / (v.sqrt() + eps), m, v]
    }
}
