//! Average pooling.

use rosenblatt_autodiff::Var;
use rosenblatt_autodiff::images::Pooling;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::spatial::{Sizes, pooled};
use crate::{Config, Layer, Scope};

/// Average pooling of images.
pub type AvgPool2d = AvgPool<2>;
/// Average pooling of sequences.
pub type AvgPool1d = AvgPool<1>;

/// Average pooling: the mean of each window of each channel.
///
/// `y[n, c, v, u] = Σ x[n, c, v · stride + i − padding, …] / count` over the elements `i`, `j` of a window
///
/// # Shapes
/// - `x`: `[batch, channels, length]` or `[batch, channels, height, width]`; one channel may come without its axis
/// - `y`: as many axes, along each `⌊(size + 2 · padding − kernel_size) / stride⌋ + 1` windows; with `ceil_mode` one more
///   for elements that are left over, unless it begins in the padding after them
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for other axes, for images smaller than a window, and if a window has no element of the image.
///
/// # Numerics
/// The sum by the rule of products, then one division.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AvgPool<const D: usize> {
    /// Elements of a window along each axis, at least 1: one number, or one for each axis.
    pub kernel_size: Sizes<D>,
    /// From one window to the next, at least 1; the size of a window if it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<Sizes<D>>,
    /// Elements before and after each axis that are 0: at most half a window.
    #[serde(default = "Sizes::<D>::zeros")]
    pub padding: Sizes<D>,
    /// Whether elements of the padding count, as 0.
    #[serde(default = "yes")]
    pub count_include_pad: bool,
    /// Whether there is a window for elements that are left over at the end.
    #[serde(default)]
    pub ceil_mode: bool,
}

fn yes() -> bool {
    true
}

impl<const D: usize> AvgPool<D> {
    /// Windows of this size side by side, with PyTorch's other values.
    #[must_use]
    pub fn new(kernel_size: impl Into<Sizes<D>>) -> Self {
        Self {
            kernel_size: kernel_size.into(),
            stride: None,
            padding: Sizes::zeros(),
            count_include_pad: yes(),
            ceil_mode: false,
        }
    }

    /// The same with another distance from one window to the next.
    #[must_use]
    pub fn with_stride(self, stride: impl Into<Sizes<D>>) -> Self {
        Self {
            stride: Some(stride.into()),
            ..self
        }
    }

    fn pooling(&self) -> Pooling {
        Pooling {
            size: self.kernel_size.down_and_across(1),
            stride: self.stride.unwrap_or(self.kernel_size).down_and_across(1),
            padding: self.padding.down_and_across(0),
            dilation: [1, 1],
            ceil: self.ceil_mode,
        }
    }
}

impl<const D: usize> Config for AvgPool<D> {
    const NAME: &'static str = ["avg_pool1d", "avg_pool2d"][D - 1];
    const MAIN_SETTING: Option<&'static str> = Some("kernel_size");

    fn check(&self) -> Result<()> {
        self.kernel_size.at_least_1("kernel_size")?;
        self.stride.map_or(Ok(()), |stride| stride.at_least_1("stride"))?;
        self.pooling().check()
    }

    fn examples() -> Vec<Self> {
        let overlapping = Self {
            padding: 1.into(),
            count_include_pad: false,
            ceil_mode: true,
            ..Self::new(3).with_stride(2)
        };
        vec![Self::new(1), overlapping]
    }
}

impl<const D: usize> Layer for AvgPool<D> {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let pooling = self.pooling();
        let pool = |x: Var<'g>| {
            pooling
                .check_images(&x.shape())
                .map(|()| x.avg_pool2d(&pooling, self.count_include_pad))
        };
        pooled::<D>(x, pool).unwrap_or_else(|error| scope.fail(error))
    }

    fn window_axes(&self) -> usize {
        D
    }
}
