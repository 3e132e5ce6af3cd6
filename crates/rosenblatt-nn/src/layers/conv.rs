//! Convolution of sequences and images.

use rosenblatt_autodiff::Var;
use rosenblatt_autodiff::images::{Convolution, reach};
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::spatial::{LARGEST, Sizes, back, images};
use crate::entry::expect;
use crate::{Config, Layer, Scope};

/// Convolution of images.
pub type Conv2d = Conv<2>;
/// Convolution of sequences.
pub type Conv1d = Conv<1>;

/// Convolution: weighted sums over the windows of sequences (`conv1d`) or images (`conv2d`), with the same weights at every place.
///
/// `y[n, o, v, u] = b[o] + Σ w[o, c, i, j] · x[n, c, v · stride + i · dilation − padding, …]` over the channels `c` of the group
/// of `o` and the elements `i`, `j` of a window; 0 where `x` has no such element
///
/// # Shapes
/// - `x`: `[batch, channels, length]` or `[batch, channels, height, width]`; one channel may come without its axis
/// - `y`: `[batch, out_channels, …]`, along each axis `⌊(size + padding before and after − dilation · (kernel_size − 1) − 1) / stride⌋ + 1`
/// - parameters `weight`: `[out_channels, channels / groups, kernel_size…]`, `bias`: `[out_channels]`
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for other axes, channels that do not make groups, and images smaller than a window.
///
/// # Numerics
/// The sum runs over channels, then rows, then columns of a window, as that of a product of matrices; the windows are never
/// written down as a whole. A row has the same result in any batch.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::Type;
/// use rosenblatt_nn::{layers::Conv2d, scope};
/// use rosenblatt_tensor::{DType, Shape};
///
/// let images = Type::new(DType::F32, Shape::new(&[8, 3, 28, 28])?);
/// let tensors = scope::tensors("layers.0", &Conv2d::new(16, 5), images)?;
/// assert_eq!(tensors[0].shape, [16, 3, 5, 5]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
///
/// # Reference
/// LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document Recognition. Proceedings of the IEEE 86, 1998.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conv<const D: usize> {
    /// Number of output channels, at least 1.
    pub out_channels: usize,
    /// Elements of a window along each axis, at least 1: one number, or one for each axis.
    pub kernel_size: Sizes<D>,
    /// From one window to the next, at least 1.
    #[serde(default = "Sizes::<D>::ones")]
    pub stride: Sizes<D>,
    /// Zeros before and after each axis, or `same`: as many outputs as inputs, divided by the stride; `valid`: none.
    #[serde(default)]
    pub padding: Padding<D>,
    /// From one element of a window to the next, at least 1.
    #[serde(default = "Sizes::<D>::ones")]
    pub dilation: Sizes<D>,
    /// Number of groups of channels, at least 1: an output channel sees the inputs of its group.
    #[serde(default = "one_group")]
    pub groups: usize,
    /// Whether to learn a bias.
    #[serde(default = "yes")]
    pub bias: bool,
}

/// What is added around sequences or images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Written", into = "Written")]
#[schemars(with = "Written")]
pub enum Padding<const D: usize> {
    /// So many zeros before and after each axis.
    Zeros(Sizes<D>),
    /// As many zeros as make one output for each stride; if they are odd, one more after the axis.
    Same,
}

/// How padding is written.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected `same`, `valid`, a whole number, or a list of one for each axis"
)]
enum Written {
    Named(Named),
    One(usize),
    Each(Vec<usize>),
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Named {
    Same,
    Valid,
}

impl<const D: usize> TryFrom<Written> for Padding<D> {
    type Error = String;

    fn try_from(written: Written) -> std::result::Result<Self, String> {
        match written {
            Written::Named(Named::Same) => Ok(Self::Same),
            Written::Named(Named::Valid) => Ok(Self::default()),
            Written::One(one) => Ok(Self::Zeros(one.into())),
            Written::Each(each) => Sizes::of_list(each).map(Self::Zeros),
        }
    }
}

impl<const D: usize> From<Padding<D>> for Written {
    fn from(padding: Padding<D>) -> Self {
        match padding {
            Padding::Same => Self::Named(Named::Same),
            Padding::Zeros(sizes) => match sizes.one() {
                Some(one) => Self::One(one),
                None => Self::Each(sizes.0.to_vec()),
            },
        }
    }
}

impl<const D: usize> Default for Padding<D> {
    /// No zeros.
    fn default() -> Self {
        Self::Zeros(0.into())
    }
}

fn one_group() -> usize {
    1
}

fn yes() -> bool {
    true
}

impl<const D: usize> Conv<D> {
    /// A convolution to so many channels with windows of this size, with PyTorch's other values.
    #[must_use]
    pub fn new(out_channels: usize, kernel_size: impl Into<Sizes<D>>) -> Self {
        Self {
            out_channels,
            kernel_size: kernel_size.into(),
            stride: Sizes::ones(),
            padding: Padding::default(),
            dilation: Sizes::ones(),
            groups: one_group(),
            bias: yes(),
        }
    }

    /// The same with as many outputs as inputs, divided by the stride.
    #[must_use]
    pub fn same(self) -> Self {
        Self {
            padding: Padding::Same,
            ..self
        }
    }

    /// How the windows lie in images of this height and width.
    fn convolution(&self, image: [usize; 2]) -> Convolution {
        let [kernel, stride, dilation] =
            [self.kernel_size, self.stride, self.dilation].map(|sizes| sizes.down_and_across(1));
        let padding = match self.padding {
            Padding::Zeros(zeros) => zeros.down_and_across(0).map(|zeros| [zeros, zeros]),
            Padding::Same => [0, 1].map(|axis| {
                let reach = reach(kernel[axis], dilation[axis]);
                let last = image[axis].div_ceil(stride[axis]).saturating_sub(1) * stride[axis];
                let zeros = last.saturating_add(reach).saturating_sub(image[axis]);
                [zeros / 2, zeros - zeros / 2]
            }),
        };
        Convolution {
            stride,
            padding,
            dilation,
            groups: self.groups,
        }
    }

    fn of_images<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Result<Var<'g>> {
        let x = images::<D>(x)?;
        let shape = x.shape();
        let (channels, groups) = (shape[1], self.groups);
        if !channels.is_multiple_of(groups) {
            let error = Error::shape(format!("{channels} channels do not make {groups} groups of equal size"));
            return Err(error.hint("use a number of groups that divides the channels"));
        }
        let kernel = self.kernel_size;
        let [rows, cols] = kernel.down_and_across(1);
        let inputs = channels / groups;
        let of_weights = [self.out_channels, inputs, rows, cols];
        let convolution = self.convolution([shape[2], shape[3]]);
        convolution.check(&of_weights, &shape)?;
        let weight = scope.weight("weight", &[&[self.out_channels, inputs], &kernel.0[..]].concat());
        let y = x.conv2d(weight.reshape(&of_weights), &convolution);
        if !self.bias {
            return Ok(y);
        }
        let bias = scope.bias("bias", &[self.out_channels], inputs * rows * cols);
        Ok(y + bias.reshape(&[1, self.out_channels, 1, 1]))
    }
}

impl<const D: usize> Config for Conv<D> {
    const NAME: &'static str = ["conv1d", "conv2d"][D - 1];

    fn check(&self) -> Result<()> {
        expect(
            self.out_channels >= 1,
            "out_channels",
            "to be at least 1",
            self.out_channels,
        )?;
        expect(self.groups >= 1, "groups", "to be at least 1", self.groups)?;
        let divides = self.out_channels.is_multiple_of(self.groups);
        expect(
            divides,
            "out_channels",
            "to be a multiple of `groups`",
            self.out_channels,
        )?;
        self.kernel_size.at_least_1("kernel_size")?;
        self.stride.at_least_1("stride")?;
        self.dilation.at_least_1("dilation")?;
        match self.padding {
            Padding::Zeros(zeros) => zeros.at_most(LARGEST, "padding"),
            Padding::Same => Ok(()),
        }
    }

    fn examples() -> Vec<Self> {
        let plain = Self {
            padding: Padding::Zeros(1.into()),
            ..Self::new(2, 3)
        };
        let strided = Self {
            stride: 2.into(),
            dilation: 2.into(),
            bias: false,
            ..Self::new(3, 2).same()
        };
        vec![plain, strided]
    }
}

impl<const D: usize> Layer for Conv<D> {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        match self.of_images(scope, x) {
            Ok(y) => back::<D>(y, true),
            Err(error) => scope.fail(error),
        }
    }

    fn window_axes(&self) -> usize {
        D
    }
}
