//! Where windows lie along one axis of an image.

use std::ops::Range;

use rosenblatt_tensor::{Error, Result};

use super::Pooling;

/// The windows along one axis.
pub(super) struct Windows {
    /// The first element of each window that the image has, and the end of them.
    pub inside: Vec<Range<usize>>,
    /// How many elements each window has, those in the padding too.
    pub sizes: Vec<usize>,
}

/// From the first of so many elements of a window to the last, with both.
#[must_use]
pub fn reach(elements: usize, dilation: usize) -> usize {
    dilation.saturating_mul(elements.saturating_sub(1)).saturating_add(1)
}

impl Windows {
    /// # Errors
    /// A number is out of range, no window fits, or one has no element of the image.
    pub fn of(pooling: &Pooling, axis: usize, image: usize) -> Result<Self> {
        pooling.check()?;
        let [stride, padding, dilation] = [pooling.stride, pooling.padding, pooling.dilation].map(|each| each[axis]);
        let reach = reach(pooling.size[axis], dilation);
        let padded = padding.saturating_mul(2).saturating_add(image);
        let (spare, step) = (padded as i128 - reach as i128, stride as i128);
        // With `ceil` the last window may reach beyond the padding, but begins in the image or before it.
        let steps = (spare + if pooling.ceil { step - 1 } else { 0 }).div_euclid(step);
        let outside = pooling.ceil && steps * step >= (image + padding) as i128;
        let Some(count) = usize::try_from(steps + i128::from(!outside))
            .ok()
            .filter(|&count| count > 0)
        else {
            let message =
                format!("a window that reaches over {reach} elements does not fit {image} with {padding} of padding");
            return Err(Error::shape(message));
        };
        let starts = (0..count).map(|i| i * stride);
        let inside = starts.clone().map(|start| {
            let before = padding.saturating_sub(start).div_ceil(dilation) * dilation;
            (start + before).saturating_sub(padding)..(start + reach).saturating_sub(padding).min(image)
        });
        let inside: Vec<_> = inside.collect();
        if let Some(at) = inside.iter().position(Range::is_empty) {
            let message = format!("window {at} has no element of the {image} there are: all of it is padding");
            return Err(Error::shape(message));
        }
        let sizes = starts.map(|start| ((start + reach).min(padded) - start).div_ceil(dilation));
        Ok(Self {
            inside,
            sizes: sizes.collect(),
        })
    }

    /// So many windows that cover an axis as evenly as they can, as those of PyTorch's adaptive pooling.
    ///
    /// # Errors
    /// There are none, or there is nothing to cover.
    pub fn adaptive(count: usize, image: usize) -> Result<Vec<Range<usize>>> {
        if count == 0 || image == 0 {
            return Err(Error::shape(format!(
                "expected one window or more of one element or more, got {count} of {image}"
            )));
        }
        let end = |i: usize| i.checked_mul(image);
        let window = |i: usize| Some(end(i)? / count..end(i + 1)?.div_ceil(count));
        let windows: Option<Vec<_>> = (0..count).map(window).collect();
        windows.ok_or_else(|| Error::shape(format!("{count} windows of {image} elements are too many")))
    }
}
