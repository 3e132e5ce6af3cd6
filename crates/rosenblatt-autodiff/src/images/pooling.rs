//! Pooling: one number for each window of each channel.

use std::ops::Range;

use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::{Error, Result, Tensor};

use super::windows::{Windows, reach};
use crate::Var;
use crate::loops::by_float;
use crate::ops::Convolve;

/// How the windows of a pooling lie.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::{eval, grad, images::Pooling};
/// use rosenblatt_tensor::Tensor;
/// let image = Tensor::from_vec(vec![1.0, 4.0, 4.0, 2.0], &[1, 1, 2, 2])?;
/// let halves = Pooling::of([2, 2]);
/// assert_eq!(eval(|[x]| x.avg_pool2d(&halves, true), [&image])?.to_f64(), [2.75]);
/// // Of equal numbers the first one counts.
/// let [dx] = grad(|[x]| x.max_pool2d(&halves).sum_all(), [&image])?;
/// assert_eq!(dx.to_f64(), [0.0, 1.0, 0.0, 0.0]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooling {
    /// Rows and columns of a window; at least 1.
    pub size: [usize; 2],
    /// From one window to the next, down and across; at least 1.
    pub stride: [usize; 2],
    /// Elements on each side of the rows and of the columns that are in windows, but not in the image; at most half a window.
    pub padding: [usize; 2],
    /// From one element of a window to the next; at least 1.
    pub dilation: [usize; 2],
    /// Whether there is one more window if elements are left over at the end; it must not begin in the padding after them.
    pub ceil: bool,
}

/// Larger windows and distances are a mistake, and could not be added up.
const LARGEST: usize = 1 << 31;
/// Windows with more elements too.
const LARGEST_AREA: usize = 1 << 24;

impl Pooling {
    /// Windows of so many rows and columns, side by side, without padding.
    #[must_use]
    pub const fn of(size: [usize; 2]) -> Self {
        Self {
            size,
            stride: size,
            padding: [0, 0],
            dilation: [1, 1],
            ceil: false,
        }
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if a number is out of its range.
    pub fn check(&self) -> Result<()> {
        let fail = |message: String| Err(Error::config(message));
        if self.size[0].saturating_mul(self.size[1]) > LARGEST_AREA {
            return fail(format!("expected windows of at most 2²⁴ elements, got {:?}", self.size));
        }
        for axis in 0..2 {
            let (size, stride, dilation) = (self.size[axis], self.stride[axis], self.dilation[axis]);
            if size == 0 || stride == 0 || dilation == 0 {
                return fail(format!(
                    "expected size, stride and dilation to be at least 1, got {size}, {stride} and {dilation}"
                ));
            }
            if [size, stride, dilation, reach(size, dilation)]
                .into_iter()
                .any(|number| number > LARGEST)
            {
                return fail(format!(
                    "expected windows, stride and dilation to be at most 2³¹, got {:?}, {stride} and {dilation}",
                    self.size
                ));
            }
            let (padding, half) = (self.padding[axis], reach(size, dilation) / 2);
            if padding > half {
                return fail(format!(
                    "expected `padding` to be at most half of a window, {half}, got {padding}"
                ));
            }
        }
        Ok(())
    }

    /// Whether each window has an element of images of this shape.
    ///
    /// # Errors
    /// As [`Var::max_pool2d`].
    pub fn check_images(&self, images: &[usize]) -> Result<()> {
        self.windows(images).map(drop)
    }

    fn windows(&self, images: &[usize]) -> Result<[Windows; 2]> {
        let [height, width] = image_size(images)?;
        Ok([Windows::of(self, 0, height)?, Windows::of(self, 1, width)?])
    }
}

impl<'g> Var<'g> {
    /// The largest number of each window of each channel: PyTorch's `max_pool2d`.
    ///
    /// `y[n, c, v, u] = max x[n, c, …]` over window `(v, u)`;  the gradient goes to the first of equal numbers
    ///
    /// # Shapes
    /// - `self`: `[n, channels, height, width]`
    /// - returns `[n, channels, windows down, windows across]`
    ///
    /// # Numerics
    /// The first NaN if a window has one. Padding is smaller than every number, −∞ included.
    #[must_use]
    #[track_caller]
    pub fn max_pool2d(self, pooling: &Pooling) -> Self {
        match pooling.windows(&self.shape()) {
            Ok(windows) => largest(self, windows.map(|axis| axis.inside), pooling.dilation),
            Err(error) => self.fail(error.within("max_pool2d")),
        }
    }

    /// The mean of each window of each channel: PyTorch's `avg_pool2d`; with `count_padding` elements of the padding count as 0.
    ///
    /// `y[n, c, v, u] = Σ x[n, c, …] / count` over window `(v, u)`
    ///
    /// # Shapes
    /// As [`Var::max_pool2d`].
    ///
    /// # Numerics
    /// The sum by the rule of [`Convolve`], then one division.
    #[must_use]
    #[track_caller]
    pub fn avg_pool2d(self, pooling: &Pooling, count_padding: bool) -> Self {
        let pooled = pooling.windows(&self.shape());
        match pooled.and_then(|windows| averages(self, pooling, &windows, count_padding)) {
            Ok(y) => y,
            Err(error) => self.fail(error.within("avg_pool2d")),
        }
    }

    /// The largest numbers of so many windows down and across, which cover the image: PyTorch's `adaptive_max_pool2d`.
    ///
    /// Window `i` of `count` begins at `⌊i · size / count⌋` and ends before `⌈(i + 1) · size / count⌉`.
    #[must_use]
    #[track_caller]
    pub fn adaptive_max_pool2d(self, count: [usize; 2]) -> Self {
        match adaptive(count, &self.shape()) {
            Ok(windows) => largest(self, windows, [1, 1]),
            Err(error) => self.fail(error.within("adaptive_max_pool2d")),
        }
    }

    /// The means of such windows as those of [`Var::adaptive_max_pool2d`]: PyTorch's `adaptive_avg_pool2d`.
    ///
    /// # Numerics
    /// The mean of each row of a window, then the mean of these.
    #[must_use]
    #[track_caller]
    pub fn adaptive_avg_pool2d(self, count: [usize; 2]) -> Self {
        match adaptive(count, &self.shape()) {
            Ok([down, across]) => means(means(self, -1, &across), -2, &down),
            Err(error) => self.fail(error.within("adaptive_avg_pool2d")),
        }
    }
}

fn image_size(images: &[usize]) -> Result<[usize; 2]> {
    match images {
        &[_, _, height, width] => Ok([height, width]),
        other => Err(Error::shape(format!(
            "expected [n, channels, height, width], got {other:?}"
        ))),
    }
}

fn adaptive(count: [usize; 2], images: &[usize]) -> Result<[Vec<Range<usize>>; 2]> {
    let size = image_size(images)?;
    Ok([
        Windows::adaptive(count[0], size[0])?,
        Windows::adaptive(count[1], size[1])?,
    ])
}

/// The largest number of each window, by its place.
#[track_caller]
fn largest<'g>(x: Var<'g>, windows: [Vec<Range<usize>>; 2], dilation: [usize; 2]) -> Var<'g> {
    let shape = x.shape();
    let [n, channels, height, width] = [shape[0], shape[1], shape[2], shape[3]];
    let (images, [down, across]) = (n * channels, [windows[0].len(), windows[1].len()]);
    let places = x.reshape(&[images, height, width]).argmax_windows(windows, dilation);
    let largest = x
        .reshape(&[images, height * width])
        .take_along_axis(places.reshape(&[images, down * across]));
    largest.reshape(&[n, channels, down, across])
}

/// The sum of each window, which is a convolution with ones, divided by how many numbers it is of.
fn averages<'g>(x: Var<'g>, pooling: &Pooling, windows: &[Windows; 2], count_padding: bool) -> Result<Var<'g>> {
    let shape = x.shape();
    let [n, channels, height, width] = [shape[0], shape[1], shape[2], shape[3]];
    let count = [windows[0].sizes.len(), windows[1].sizes.len()];
    let signed = |sizes: [usize; 2]| sizes.map(|size| size as isize); // windows fit, so all are small
    let sum = Convolve {
        groups: 1,
        count,
        step: signed(pooling.stride),
        dilation: signed(pooling.dilation),
        before: signed(pooling.padding),
        spread: [1, 1],
    };
    let [rows, cols] = pooling.size;
    let ones = ones(x, &[1, 1, rows, cols])?;
    let sums = ones.apply2(sum, x.reshape(&[n * channels, 1, height, width]));
    let numbers = |axis: usize| -> Vec<usize> {
        let inside = windows[axis]
            .inside
            .iter()
            .map(|window| window.len().div_ceil(pooling.dilation[axis]));
        if count_padding {
            windows[axis].sizes.clone()
        } else {
            inside.collect()
        }
    };
    let (down, across) = (numbers(0), numbers(1));
    let all: Vec<f64> = down
        .iter()
        .flat_map(|down| across.iter().map(move |across| (down * across) as f64))
        .collect();
    let means = match all.first() {
        Some(&first) if all.iter().all(|&one| one == first) => sums / first,
        _ => sums / constant(x, all, &count)?,
    };
    Ok(means.reshape(&[n, channels, count[0], count[1]]))
}

/// The mean of each window along an axis.
#[track_caller]
fn means<'g>(x: Var<'g>, axis: isize, windows: &[Range<usize>]) -> Var<'g> {
    let mean = |window: &Range<usize>| x.slice(axis, window.start, window.end).mean(&[axis], true);
    let means: Vec<_> = windows.iter().map(mean).collect();
    match &means[..] {
        [] => x,
        [first, others @ ..] => first.concat(others, axis),
    }
}

fn ones<'g>(like: Var<'g>, shape: &[usize]) -> Result<Var<'g>> {
    constant(like, vec![1.0; shape.iter().product()], shape)
}

fn constant<'g>(like: Var<'g>, values: Vec<f64>, shape: &[usize]) -> Result<Var<'g>> {
    by_float!(like.dtype(), T => {
        let values = values.into_iter().map(T::from_f64).collect();
        Ok(like.graph().constant(Tensor::from_vec::<T>(values, shape)?))
    })
}
