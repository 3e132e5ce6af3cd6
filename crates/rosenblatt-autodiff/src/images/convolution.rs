//! Convolution as neural networks have it: stride, padding, dilation, groups.

use rosenblatt_tensor::{Error, Result};

use super::windows::reach;
use crate::Var;
use crate::ops::Convolve;

/// How the windows of a convolution lie: one apart, dense, inside of the image, all channels in one group.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::{eval, images::Convolution};
/// use rosenblatt_tensor::Tensor;
/// // The sum of two neighbors, of an image of one row.
/// let image = Tensor::from_vec(vec![1.0, 2.0, 4.0], &[1, 1, 1, 3])?;
/// let weights = Tensor::from_vec(vec![1.0, 1.0], &[1, 1, 1, 2])?;
/// let sums = eval(|[x, w]| x.conv2d(w, &Convolution::default()), [&image, &weights])?;
/// assert_eq!(sums.to_f64(), [3.0, 6.0]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// From one window to the next, down and across; at least 1.
    pub stride: [usize; 2],
    /// Zeros before and after the rows, and before and after the columns.
    pub padding: [[usize; 2]; 2],
    /// From one element of a window to the next; at least 1.
    pub dilation: [usize; 2],
    /// Groups of channels, of which each output sees one.
    pub groups: usize,
}

impl Default for Convolution {
    fn default() -> Self {
        Self {
            stride: [1, 1],
            padding: [[0, 0]; 2],
            dilation: [1, 1],
            groups: 1,
        }
    }
}

impl Convolution {
    /// How many windows of `window` elements fit along an axis.
    ///
    /// # Errors
    /// None fits; stride or dilation are 0.
    fn count(&self, axis: usize, image: usize, window: usize) -> Result<usize> {
        let [before, after] = self.padding[axis];
        let (stride, dilation) = (self.stride[axis], self.dilation[axis]);
        let reach = reach(window, dilation);
        let padded = image.saturating_add(before).saturating_add(after);
        match padded.checked_sub(reach) {
            _ if stride == 0 || dilation == 0 => Err(Error::config("stride and dilation are at least 1")),
            Some(rest) => Ok(rest / stride + 1),
            None => Err(Error::shape(format!(
                "a window that reaches over {reach} elements does not fit {image} with {before} + {after} of padding"
            ))),
        }
    }

    /// Whether there is a window of these weights in these images.
    ///
    /// # Errors
    /// As [`Var::conv2d`].
    pub fn check(&self, weights: &[usize], images: &[usize]) -> Result<()> {
        self.op(weights, images).map(drop)
    }

    /// The op for weights and images of these shapes.
    fn op(&self, weights: &[usize], images: &[usize]) -> Result<Convolve> {
        let (&[_, _, rows, cols], &[_, _, height, width]) = (weights, images) else {
            let message = format!("expected weights and images of four axes, got {weights:?} and {images:?}");
            return Err(Error::shape(message));
        };
        Ok(Convolve {
            groups: self.groups,
            count: [self.count(0, height, rows)?, self.count(1, width, cols)?],
            step: signed(self.stride)?,
            dilation: signed(self.dilation)?,
            before: signed(self.padding.map(|[before, _]| before))?,
            spread: [1, 1],
        })
    }
}

fn signed(sizes: [usize; 2]) -> Result<[isize; 2]> {
    match sizes.map(isize::try_from) {
        [Ok(down), Ok(across)] => Ok([down, across]),
        _ => Err(Error::config(format!("expected distances below 2⁶³, got {sizes:?}"))),
    }
}

impl<'g> Var<'g> {
    /// The convolution of images: PyTorch's `conv2d` without a bias. See [`Convolve`].
    ///
    /// # Shapes
    /// - `self`: `[n, groups · channels, height, width]`, `weights`: `[outputs, channels, window height, window width]`
    /// - returns `[n, outputs, ⌊(height + padding − dilation · (window height − 1) − 1) / stride⌋ + 1, …]`
    #[must_use]
    #[track_caller]
    pub fn conv2d(self, weights: Self, convolution: &Convolution) -> Self {
        match convolution.op(&weights.shape(), &self.shape()) {
            Ok(op) => weights.apply2(op, self),
            Err(error) => self.fail(error.within("conv2d")),
        }
    }
}
