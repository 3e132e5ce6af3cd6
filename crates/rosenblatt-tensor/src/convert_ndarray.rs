//! Arrays of `ndarray` as tensors and tensors as its views, without a copy.

use ndarray::{Array, ArrayD, ArrayViewD, Axis, Dimension, Ix0, Ix1, Ix2, Ix3, Ix4, Ix5, Ix6, IxDyn, ShapeBuilder};

use crate::{Element, Error, Layout, Result, Shape, Tensor};

/// The array's vector, under the array's strides.
fn moved<T: Element, D: Dimension>(array: Array<T, D>) -> Result<Tensor> {
    let shape = Shape::new(array.shape())?;
    let strides = array.strides().to_vec();
    let (values, first) = array.into_raw_vec_and_offset();
    let layout = match first {
        Some(first) => Layout::strided(shape, &strides, first)?,
        None => Layout::contiguous(shape),
    };
    let len = values.len();
    Tensor::new(values, &[len])?.with_layout(layout)
}

macro_rules! ranks {
    ($($dimension:ident)*) => {$(
        /// Without a copy: the array's memory and strides are the tensor's.
        impl<T: Element> From<Array<T, $dimension>> for Tensor {
            fn from(array: Array<T, $dimension>) -> Self {
                moved(array).unwrap_or_else(|_| unreachable!("an array lies inside its memory"))
            }
        }
    )*};
}
ranks!(Ix0 Ix1 Ix2 Ix3 Ix4 Ix5 Ix6);

/// Without a copy: the array's memory and strides are the tensor's.
///
/// An error if the array has more axes than [`crate::MAX_RANK`].
impl<T: Element> TryFrom<ArrayD<T>> for Tensor {
    type Error = Error;

    fn try_from(array: ArrayD<T>) -> Result<Self> {
        moved(array)
    }
}

/// The tensor's memory and strides, without a copy.
///
/// An error if the tensor's elements have another type.
///
/// # Example
/// ```
/// use ndarray::{ArrayViewD, array};
/// use rosenblatt_tensor::Tensor;
/// let x = Tensor::from(array![[1.0f32, 2.0], [3.0, 4.0]].reversed_axes());
/// let view: ArrayViewD<'_, f32> = (&x).try_into()?;
/// assert_eq!(view, array![[1.0, 3.0], [2.0, 4.0]].into_dyn());
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
impl<'a, T: Element> TryFrom<&'a Tensor> for ArrayViewD<'a, T> {
    type Error = Error;

    fn try_from(tensor: &'a Tensor) -> Result<Self> {
        let (sizes, strides) = (tensor.shape(), tensor.layout().strides());
        let (start, end) = tensor.layout().extent();
        // `ndarray` makes views with strides of 0 and more: a backward axis is turned around afterwards.
        // Of no elements it wants no strides.
        let some = usize::from(tensor.elements() > 0);
        let forward: Vec<usize> = strides.iter().map(|stride| some * stride.unsigned_abs()).collect();
        let shape = IxDyn(sizes).strides(IxDyn(&forward));
        let mut view = ArrayViewD::from_shape(shape, &tensor.storage_slice()?[start..end])
            .map_err(|error| Error::shape(format!("{sizes:?} with strides {strides:?} as an array: {error}")))?;
        for (axis, _) in strides.iter().enumerate().filter(|(_, stride)| **stride < 0) {
            view.invert_axis(Axis(axis));
        }
        Ok(view)
    }
}
