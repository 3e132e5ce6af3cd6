//! Adafactor.

use rosenblatt_autodiff::{Real, Rule, Type, Var};
use rosenblatt_tensor::{DType, Result, Shape};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;
use crate::entry::range::{above_0, at_least_0};
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// Adafactor: Adam's second moment of a matrix as the product of a column and a row, so that its state is small.
///
/// With `sₜ = t^c`, `c` being `beta2_decay`, and `RMS(x) = √(mean x²)`:
///
/// `θ ← θ − α λ θ`; `r ← (1−sₜ)r + sₜ · mean of each row of g²`, `k ← (1−sₜ)k + sₜ · mean of each column of g²`,
/// `v = r k / max(mean r, ε₁)`; `u = g / max(√v, ε₁)`;
/// `θ ← θ − min(α, 1/√t) · max(ε₂, RMS(θ)) · u / max(1, RMS(u)/d)`
///
/// The step is relative to the size of the parameter, `RMS(θ)` before its decay. Weight decay `λ` is decoupled.
///
/// # Shapes
/// A parameter `[…, rows, columns]` has the state `[…, rows, 1]` and `[…, 1, columns]`; for vectors and scalars `v` is a
/// moving average of the parameter's shape, as in Adam.
///
/// # Numerics
/// Averages become 0 where they are tiny. `r` is divided by its mean before the product with `k`, so that the product of
/// two small numbers does not vanish.
///
/// # Differences
/// This is `torch.optim.Adafactor`. Others (optax, T5X) add `ε₁` to squares and factor large matrices only.
///
/// # Reference
/// Shazeer, Stern: Adafactor, Adaptive Learning Rates with Sublinear Memory Cost. ICML 2018. arXiv:1804.04235, Algorithms
/// 4 and 5; in PyTorch's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adafactor {
    /// Exponent `c` of the decay of the second moment, at most 0.
    pub beta2_decay: f64,
    /// The least root of a second moment, `ε₁`, at least 0; 0 is the machine epsilon of the parameter's type.
    pub eps1: f64,
    /// The least size of a parameter that steps are relative to, `ε₂`, at least 0.
    pub eps2: f64,
    /// Clipping threshold `d` of the root mean square of an update, at least 1.
    pub d: f64,
    /// Weight decay coefficient `λ`, at least 0.
    pub weight_decay: f64,
}

impl Default for Adafactor {
    /// PyTorch's values.
    fn default() -> Self {
        Self {
            beta2_decay: -0.8,
            eps1: 0.0,
            eps2: 1e-3,
            d: 1.0,
            weight_decay: 0.0,
        }
    }
}

impl Config for Adafactor {
    const NAME: &'static str = "adafactor";

    fn check(&self) -> Result<()> {
        let Self { beta2_decay, d, .. } = *self;
        expect(
            beta2_decay <= 0.0 && beta2_decay.is_finite(),
            "beta2_decay",
            "to be at most 0",
            beta2_decay,
        )?;
        at_least_0("eps1", self.eps1)?;
        at_least_0("eps2", self.eps2)?;
        above_0("d", d)?;
        expect(d >= 1.0, "d", "to be at least 1", d)?;
        at_least_0("weight_decay", self.weight_decay)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                beta2_decay: -0.5,
                eps1: 1e-5,
                eps2: 1e-2,
                d: 2.0,
                weight_decay: 0.01,
            },
        ]
    }
}

impl Optimizer for Adafactor {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        match factors(&parameter.shape) {
            Some([rows, columns]) => vec![
                StateSpec::like("row_var", parameter).shaped(rows),
                StateSpec::like("col_var", parameter).shaped(columns),
            ],
            None => vec![StateSpec::like("variance", parameter)],
        }
    }

    fn inputs(&self, t: u64, lr: f64) -> Scalars {
        let t = t as f64;
        Scalars::new([
            ("lr", lr),
            ("largest_rate", 1.0 / libm::sqrt(t)),
            ("share", libm::pow(t, self.beta2_decay)),
        ])
    }

    fn update<'g>(
        &self,
        step: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        let (v, state) = self.second_moment(step.input("share"), g, state);
        let update = g / v.maximum(g.full_like(self.least(g.dtype()))).sqrt();
        let clipped = (root_mean_square(update) / self.d).maximum(g.full_like(1.0));
        let rate = step.lr().minimum(step.input("largest_rate"));
        let size = root_mean_square(theta).maximum(g.full_like(self.eps2));
        let kept = step.decayed(self.weight_decay, theta);
        (kept - update * (rate * size / clipped), state)
    }

    fn usual_rate(&self) -> f64 {
        1e-2
    }
}

impl Adafactor {
    /// `ε₁` for parameters of a type.
    fn eps1(&self, dtype: DType) -> f64 {
        match (self.eps1 == 0.0, dtype) {
            (false, _) => self.eps1,
            (true, DType::F32) => f64::from(f32::EPSILON),
            (true, _) => f64::EPSILON,
        }
    }

    /// The least second moment: `ε₁²`, or the smallest normal number if that is less.
    fn least(&self, dtype: DType) -> f64 {
        let normal = match dtype {
            DType::F32 => f64::from(f32::MIN_POSITIVE),
            _ => f64::MIN_POSITIVE,
        };
        let eps1 = self.eps1(dtype);
        (eps1 * eps1).max(normal)
    }

    /// The second moment of each number, and the state that it is made of.
    fn second_moment<'g>(&self, share: Var<'g>, g: Var<'g>, state: &[Var<'g>]) -> (Var<'g>, Vec<Var<'g>>) {
        let squares = g.flushed_square();
        match state {
            &[rows, columns] => {
                let rows = towards(rows, mean(squares, -1), share);
                let columns = towards(columns, mean(squares, -2), share);
                let whole = mean(rows, -2).maximum(g.full_like(self.eps1(g.dtype())));
                (rows / whole * columns, vec![rows, columns])
            }
            _ => {
                let all: Vec<_> = state.iter().map(|&v| towards(v, squares, share)).collect();
                (all.first().copied().unwrap_or(squares), all)
            }
        }
    }
}

/// The shapes of the factors of a parameter's second moment, if it has two axes to factor along.
fn factors(shape: &[usize]) -> Option<[Shape; 2]> {
    let axis = shape.len().checked_sub(2)?;
    let with = |axis: usize| {
        let mut sizes = shape.to_vec();
        sizes[axis] = 1;
        Shape::new(&sizes).ok()
    };
    Some([with(axis + 1)?, with(axis)?])
}

/// The mean along an axis that stays with size 1; 0 if there is nothing to average.
fn mean(x: Var<'_>, axis: isize) -> Var<'_> {
    x.sum(&[axis], true) / x.size(axis).max(1) as f64
}

/// `√(mean x²)`
fn root_mean_square(x: Var<'_>) -> Var<'_> {
    (x.flushed_square().sum_all() / x.shape().elements().max(1) as f64).sqrt()
}

/// `old + share · (new − old)`, and 0 where that is tiny.
fn towards<'g>(old: Var<'g>, new: Var<'g>, share: Var<'g>) -> Var<'g> {
    let [next] = Towards.apply([old], [new, share]);
    next
}

/// An average whose decay changes from step to step.
#[derive(Clone, Debug)]
struct Towards;

impl Rule<1, 2> for Towards {
    const LABEL: &'static str = Adafactor::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [old]: [T; 1], [new, share]: [T; 2]) -> [T; 1] {
        [(old + (new - old) * share).flush()]
    }
}
