//! What schedule-free rules have in common: a weighted average of the points they have visited.

use rosenblatt_autodiff::{Real, Type, Var};
use rosenblatt_tensor::{Result, Shape};

use crate::entry::range::at_least_0;
use crate::optimizers::{OptimizerStep, StateSpec};

/// The average `x` of the points `z`, which a network is evaluated with.
pub(super) const AVERAGE: &str = "x";

/// The weight of a point in the average: `wₜ = tʳ · (largest learning rate so far)ᵖ`.
pub(super) struct Weighting {
    pub(super) r: f64,
    pub(super) weight_lr_power: f64,
}

/// The scalars that are kept for it, and the share of the newest point.
pub(super) struct Share<'g> {
    pub(super) share: Var<'g>,
    pub(super) state: [Var<'g>; 2],
}

impl Weighting {
    pub(super) fn check(&self) -> Result<()> {
        at_least_0("r", self.r)?;
        at_least_0("weight_lr_power", self.weight_lr_power)
    }

    /// The average and the newest point, both a copy of the parameter at first; then what their weights are computed from.
    pub(super) fn state(parameter: Type) -> [StateSpec; 4] {
        let scalar = |name| StateSpec::like(name, parameter).shaped(Shape::SCALAR);
        [
            StateSpec::like(AVERAGE, parameter).copied(),
            StateSpec::like("z", parameter).copied(),
            scalar("lr_max"),
            scalar("weight_sum"),
        ]
    }

    /// `((t−1)/t)ʳ`, the input `age`: by how much the weights of earlier points are less than that of this step for their age.
    pub(super) fn age(&self, t: u64) -> f64 {
        libm::pow((t - 1) as f64 / t as f64, self.r)
    }

    /// `cₜ = wₜ / (w₁ + … + wₜ)`.
    ///
    /// What is kept is the sum in units of the last weight, `Wₜ = 1 + Wₜ₋₁ wₜ₋₁/wₜ`, which neither overflows nor vanishes.
    /// As long as the learning rate is 0, all points are the same, and their weights do not matter.
    pub(super) fn share<'g>(&self, step: &OptimizerStep<'g>, [lr_max, weight_sum]: [Var<'g>; 2]) -> Share<'g> {
        let largest = lr_max.maximum(step.lr());
        let zero = lr_max.full_like(0.0);
        let growth = largest.gt(zero).select(lr_max / largest, zero);
        let fading = growth.pow(growth.full_like(self.weight_lr_power)) * step.input("age");
        let weight_sum = weight_sum * fading + zero.full_like(1.0);
        Share {
            share: weight_sum.full_like(1.0) / weight_sum,
            state: [largest, weight_sum],
        }
    }
}

/// The average, the newest point, and the point between them at which the next gradient is taken.
#[inline(always)]
pub(super) fn moved<T: Real>(x: T, z: T, share: T, beta: f64) -> [T; 3] {
    let x = x + share * (z - x);
    [z + x.full_like(beta) * (x - z), x.flush(), z.flush()]
}
