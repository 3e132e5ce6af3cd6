//! Normalization of each feature over the rows of a batch.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::moments::{Moments, inverse_deviation};
use crate::entry::expect;
use crate::{Config, Init, Layer, Scope};

/// Batch normalization: normalizes each feature over the batch to mean 0 and variance 1, then applies a learned scale and bias.
///
/// `y = (x − μ) / √(σ² + ε) · γ + β`
///
/// In training `μ` and `σ² = Σ (x − μ)² / n` are those of the batch, and running averages of them are kept:
/// `running ← (1 − m) running + m new`, the variance divided by `n − 1` there. In prediction `μ` and `σ²` are the running
/// averages, so a row does not look at the others.
///
/// # Shapes
/// - `x`, `y`: `[batch, features]`, or `[batch, channels, length]` or `[batch, channels, height, width]`, where each channel is a
///   feature and `n = batch · height · width`
/// - parameters `weight` (γ), `bias` (β): `[features]`
/// - buffers `running_mean` (0 at first), `running_var` (1 at first): `[features]`
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for other ranks.
///
/// # Numerics
/// Two passes after a shift: a feature whose mean is a million times its spread loses nothing in training, and one that
/// is constant gives exactly `β`. In prediction the running mean is rounded to the type of the network, as a weight is.
///
/// # Differences
/// A batch with one number for each feature has no variance. PyTorch refuses it in training; here such a batch is
/// treated as in prediction and leaves the running averages alone, so that a short last batch does not end a run. A run
/// whose batches are all like that is refused: see [`Scope::cannot_learn`]. A batch of one image has many numbers for each channel.
///
/// # Exact statistics
/// Running averages remember the last batches best, and networks that the weights have left since. `batch_norm_statistics = "exact"`
/// of a run file replaces them by the mean and variance over all training rows, with the final weights.
///
/// # Reference
/// Ioffe, Szegedy: Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift. ICML
/// 2015. arXiv:1502.03167, algorithms 1 and 2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BatchNorm {
    /// Added to the variance for numerical stability, above 0.
    pub eps: f64,
    /// Momentum of the running statistics, `m`, above 0 and at most 1.
    pub momentum: f64,
    /// Whether to learn a scale and a bias.
    pub affine: bool,
}

impl Default for BatchNorm {
    /// PyTorch's values.
    fn default() -> Self {
        Self {
            eps: 1e-5,
            momentum: 0.1,
            affine: true,
        }
    }
}

impl Config for BatchNorm {
    const NAME: &'static str = "batch_norm";

    fn check(&self) -> Result<()> {
        let momentum = self.momentum > 0.0 && self.momentum <= 1.0;
        expect(self.eps > 0.0 && self.eps.is_finite(), "eps", "above 0", self.eps)?;
        expect(momentum, "momentum", "above 0 and at most 1", self.momentum)
    }

    fn examples() -> Vec<Self> {
        let plain = Self {
            eps: 0.1,
            momentum: 1.0,
            affine: false,
        };
        vec![Self::default(), plain]
    }
}

/// What is normalized over, and how many numbers that is for each feature.
struct Sizes {
    axes: &'static [isize],
    features: usize,
    numbers: usize,
}

impl Sizes {
    fn of(x: Var<'_>) -> Result<Self> {
        let shape = x.shape();
        let axes: &[isize] = match shape.rank() {
            2 => &[0],
            3 => &[0, 2],
            4 => &[0, 2, 3],
            _ => {
                let message = format!(
                    "expected [batch, features], [batch, channels, length] or [batch, channels, height, width], got {shape:?}"
                );
                return Err(Error::shape(message));
            }
        };
        Ok(Self {
            axes,
            features: shape[1],
            numbers: shape[0] * shape[2..].iter().product::<usize>(),
        })
    }

    /// One number for each feature, along the axis of the features.
    fn along<'g>(&self, each: Var<'g>) -> Var<'g> {
        match self.axes.len() {
            1 => each,
            2 => each.reshape(&[self.features, 1]),
            _ => each.reshape(&[self.features, 1, 1]),
        }
    }
}

impl BatchNorm {
    /// The moments of a batch, which the running averages take in.
    fn moments<'g>(&self, scope: &Scope<'g>, x: Var<'g>, sizes: &Sizes, running: [Var<'g>; 2]) -> Moments<'g> {
        let moments = Moments::over(x, sizes.axes);
        let n = sizes.numbers as f64;
        let new = [moments.mean, moments.variance * (n / (n - 1.0))];
        for ((name, old), new) in RUNNING.into_iter().zip(running).zip(new) {
            scope.update(
                name,
                old.moving_average(1.0 - self.momentum, new.reshape(&[sizes.features])),
            );
        }
        moments
    }
}

/// Names of the running averages.
const RUNNING: [&str; 2] = ["running_mean", "running_var"];

impl Layer for BatchNorm {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let sizes = match Sizes::of(x) {
            Ok(sizes) => sizes,
            Err(error) => return scope.fail(error),
        };
        let shape = [sizes.features];
        let affine = self.affine.then(|| {
            let parameters = [("weight", Init::Ones), ("bias", Init::Zeros)];
            parameters.map(|(name, init)| sizes.along(scope.param(name, &shape, init)))
        });
        let running = [(RUNNING[0], 0.0), (RUNNING[1], 1.0)].map(|(name, start)| scope.buffer(name, &shape, start));
        scope.keeps_statistics_of(x);
        if scope.training() && sizes.numbers < 2 {
            scope.cannot_learn(no_variance(x));
        }
        let (centered, variance) = if scope.training() && sizes.numbers > 1 {
            let moments = self.moments(scope, x, &sizes, running);
            (moments.centered, moments.variance)
        } else {
            let [mean, variance] = running.map(|each| sizes.along(each));
            (x - mean, variance)
        };
        let scale = inverse_deviation(variance, self.eps);
        match affine {
            Some([weight, bias]) => centered * (scale * weight) + bias,
            None => centered * scale,
        }
    }

    fn normalizes(&self) -> bool {
        true
    }
}

fn no_variance(x: Var<'_>) -> Error {
    let message = format!(
        "in a batch {:?} there is at most one number for each feature, and so no variance",
        x.shape()
    );
    Error::config(message).hint("set a larger batch size, or use `layer_norm`, which looks at each row alone")
}
