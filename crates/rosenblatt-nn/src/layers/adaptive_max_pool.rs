//! Adaptive max pooling.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::spatial::{MOST_WINDOWS, Sizes, pooled};
use crate::{Config, Layer, Scope};

/// Adaptive max pooling of images.
pub type AdaptiveMaxPool2d = AdaptiveMaxPool<2>;
/// Adaptive max pooling of sequences.
pub type AdaptiveMaxPool1d = AdaptiveMaxPool<1>;

/// Adaptive max pooling: the largest numbers of so many windows, which cover each channel whatever its size.
///
/// Window `i` of `output_size` begins at `⌊i · size / output_size⌋` and ends before `⌈(i + 1) · size / output_size⌉`.
///
/// # Shapes
/// - `x`: `[batch, channels, length]` or `[batch, channels, height, width]`; one channel may come without its axis
/// - `y`: as many axes, `output_size` along those that are pooled
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for other axes, and if there is nothing to cover.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdaptiveMaxPool<const D: usize> {
    /// Number of windows along each axis, from 1 to 1024: one number, or one for each axis.
    #[serde(default = "Sizes::<D>::ones")]
    pub output_size: Sizes<D>,
}

impl<const D: usize> Default for AdaptiveMaxPool<D> {
    /// One window over everything: global max pooling.
    fn default() -> Self {
        Self {
            output_size: Sizes::ones(),
        }
    }
}

impl<const D: usize> Config for AdaptiveMaxPool<D> {
    const NAME: &'static str = ["adaptive_max_pool1d", "adaptive_max_pool2d"][D - 1];

    fn check(&self) -> Result<()> {
        self.output_size.at_least_1("output_size")?;
        self.output_size.at_most(MOST_WINDOWS, "output_size")
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { output_size: 2.into() }]
    }
}

impl<const D: usize> Layer for AdaptiveMaxPool<D> {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let count = self.output_size.down_and_across(1);
        pooled::<D>(x, |x| Ok(x.adaptive_max_pool2d(count))).unwrap_or_else(|error| scope.fail(error))
    }

    fn window_axes(&self) -> usize {
        D
    }
}
