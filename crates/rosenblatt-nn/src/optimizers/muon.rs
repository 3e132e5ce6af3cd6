//! Muon.

use rosenblatt_autodiff::{Real, Type, Var};
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::{DType, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AdamW;
use crate::entry::expect;
use crate::entry::range::{above_0, at_least_0, share};
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::{Config, Optimizer};

/// Muon: the momentum of a matrix, orthogonalized, so that a step has about the same size in every direction.
///
/// `B ← μB + (1−μ)G`, `U = μB + (1−μ)G` (Nesterov) or `B`, `O = NS(U)`, `θ ← θ − α λ θ − α s O`
///
/// `NS` is so many steps of a Newton-Schulz iteration `X ← aX + (bA + cA²)X`, `A = XXᵀ`, from `X = U / max(‖U‖, ε)`; it brings
/// singular values near 1, into about `[0.7, 1.2]`. A matrix with more rows than columns is transposed meanwhile. The scale `s`
/// follows from the shape, see [`LrAdjustment`].
///
/// Muon is for matrices. Other parameters (biases, scales) are updated by [`AdamW`] with the same learning rate and decay; a
/// group of [`crate::Optimize`] gives some of them another one. The method's author updates embeddings and the output layer by
/// AdamW too; here, as in optax, every matrix is updated by Muon. Weight decay `λ` is decoupled.
///
/// # Numerics
/// The norm is computed in f64, the iteration in the type of the parameter. The momentum, and numbers of the iteration that
/// could not change a result near 1, become 0 where they are tiny. A step costs `2 · steps` products with the smaller side's
/// Gram matrix and `steps` of its squares: more than the gradient does for small batches.
///
/// # Differences
/// PyTorch computes the iteration in bfloat16 and refuses what is not a matrix.
///
/// # Reference
/// Jordan et al.: Muon, an Optimizer for Hidden Layers in Neural Networks. 2024.
/// <https://kellerjordan.github.io/posts/muon/>; in the form of `torch.optim.Muon`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Muon {
    /// Decay rate of the momentum, `μ`, in `[0, 1)`.
    pub momentum: f64,
    /// Whether to use Nesterov momentum.
    pub nesterov: bool,
    /// Steps of the Newton-Schulz iteration, from 1 to 99.
    pub ns_steps: usize,
    /// Coefficients `a`, `b`, `c` of the Newton-Schulz iteration.
    pub ns_coefficients: [f64; 3],
    /// The least norm that the momentum is divided by, above 0.
    pub eps: f64,
    /// How the learning rate follows from the shape of a matrix.
    pub adjust_lr_fn: LrAdjustment,
    /// Weight decay coefficient `λ`, at least 0.
    pub weight_decay: f64,
    /// Decay rate of the first moment of what is not a matrix, in `[0, 1)`.
    pub adam_beta1: f64,
    /// Decay rate of the second moment of what is not a matrix, in `[0, 1)`.
    pub adam_beta2: f64,
    /// Added to the denominator of what is not a matrix, above 0.
    pub adam_eps: f64,
}

/// How the learning rate of Muon is adjusted to a matrix `[m, n]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LrAdjustment {
    /// `√max(1, m/n)`, as in the author's program.
    #[default]
    Original,
    /// `0.2 √max(m, n)`: updates have the root mean square of those of AdamW, so its learning rate can be used.
    MatchRmsAdamw,
    /// `√(m/n)`
    SpectralUnclamped,
}

impl Default for Muon {
    /// PyTorch's values.
    fn default() -> Self {
        let AdamW { beta1, beta2, eps, .. } = AdamW::default();
        Self {
            momentum: 0.95,
            nesterov: true,
            ns_steps: 5,
            ns_coefficients: [3.4445, -4.775, 2.0315],
            eps: 1e-7,
            adjust_lr_fn: LrAdjustment::Original,
            weight_decay: 0.1,
            adam_beta1: beta1,
            adam_beta2: beta2,
            adam_eps: eps,
        }
    }
}

impl Config for Muon {
    const NAME: &'static str = "muon";

    fn check(&self) -> Result<()> {
        share("momentum", self.momentum)?;
        let steps = self.ns_steps;
        expect((1..100).contains(&steps), "ns_steps", "from 1 to 99", steps)?;
        for coefficient in self.ns_coefficients {
            expect(coefficient.is_finite(), "ns_coefficients", "to be finite", coefficient)?;
        }
        above_0("eps", self.eps)?;
        at_least_0("weight_decay", self.weight_decay)?;
        share("adam_beta1", self.adam_beta1)?;
        share("adam_beta2", self.adam_beta2)?;
        above_0("adam_eps", self.adam_eps)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                momentum: 0.5,
                nesterov: false,
                ns_steps: 3,
                adjust_lr_fn: LrAdjustment::MatchRmsAdamw,
                weight_decay: 0.0,
                ..Self::default()
            },
        ]
    }
}

impl Optimizer for Muon {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        match parameter.shape.len() {
            2 => vec![StateSpec::like("momentum", parameter)],
            _ => self.adamw().state(parameter),
        }
    }

    fn inputs(&self, t: u64, lr: f64) -> Scalars {
        self.adamw().inputs(t, lr)
    }

    fn update<'g>(
        &self,
        step: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        let (2, &[momentum]) = (theta.rank(), state) else {
            return self.adamw().update(step, g, theta, state);
        };
        let momentum = momentum.moving_average(self.momentum, g);
        let direction = match self.nesterov {
            true => momentum.moving_average(self.momentum, g),
            false => momentum,
        };
        let kept = step.decayed(self.weight_decay, theta);
        let rate = step.lr() * self.adjust_lr_fn.factor(&theta.shape());
        (kept - self.orthogonalized(direction) * rate, vec![momentum])
    }
}

impl Muon {
    /// The rule of what is not a matrix.
    fn adamw(&self) -> AdamW {
        AdamW {
            beta1: self.adam_beta1,
            beta2: self.adam_beta2,
            eps: self.adam_eps,
            weight_decay: self.weight_decay,
            amsgrad: false,
        }
    }

    /// A matrix with the same singular vectors, and singular values near 1.
    fn orthogonalized<'g>(&self, matrix: Var<'g>) -> Var<'g> {
        let tall = matrix.size(0) > matrix.size(1);
        let wide = if tall { matrix.matrix_transpose() } else { matrix };
        let norm = wide.cast(DType::F64).flushed_square().sum_all().sqrt();
        let mut x = without_tiny(wide / norm.maximum(norm.full_like(self.eps)).cast(wide.dtype()));
        let [a, b, c] = self.ns_coefficients;
        for _ in 0..self.ns_steps {
            let gram = without_tiny(x.matmul(x.matrix_transpose()));
            x = x * a + (gram * b + gram.matmul(gram) * c).matmul(x);
        }
        if tall { x.matrix_transpose() } else { x }
    }
}

impl LrAdjustment {
    fn factor(self, shape: &[usize]) -> f64 {
        let &[rows, columns] = shape else { return 1.0 };
        let (rows, columns) = (rows as f64, columns.max(1) as f64);
        match self {
            Self::Original => libm::sqrt((rows / columns).max(1.0)),
            Self::MatchRmsAdamw => 0.2 * libm::sqrt(rows.max(columns)),
            Self::SpectralUnclamped => libm::sqrt(rows / columns),
        }
    }
}

/// 0 where a number is so small that its square would be tiny: products of such numbers are slow.
fn without_tiny(x: Var<'_>) -> Var<'_> {
    let root = match x.dtype() {
        DType::F32 => f64::from(f32::TINY_ROOT),
        _ => f64::TINY_ROOT,
    };
    x.abs().lt(x.full_like(root)).select(x.full_like(0.0), x)
}
