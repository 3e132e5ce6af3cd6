//! What a run reads from its caller.

use super::chain::Slice;
use super::memory::BufferSpec;
use super::workspace::Address;
use crate::{DType, Error, Result, Shape, Tensor};

/// An input of a run: a tensor, or numbers borrowed for the run, row-major.
///
/// # Example
/// ```
/// use rosenblatt_tensor::{DType, Tensor, machine::Input};
/// let row = [0.5f32, 0.25];
/// assert_eq!(Input::from(&row[..]).dtype(), DType::F32);
/// assert_eq!(Input::from(&Tensor::scalar(1u8)).elements(), 1);
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// A tensor without gaps.
    Tensor(&'a Tensor),
    /// Numbers without a shape.
    Slice(Slice<'a>),
}

impl<'a> From<&'a Tensor> for Input<'a> {
    fn from(tensor: &'a Tensor) -> Self {
        Self::Tensor(tensor)
    }
}

macro_rules! slices {
    ($($rust:ty => $variant:ident),*) => {
        $(
            impl<'a> From<&'a [$rust]> for Input<'a> {
                fn from(numbers: &'a [$rust]) -> Self {
                    Self::Slice(Slice::$variant(numbers))
                }
            }
        )*
    };
}
slices!(f32 => F32, f64 => F64, u8 => U8, i64 => I64, bool => Bool);

impl Input<'_> {
    /// Type of the numbers.
    #[must_use]
    pub fn dtype(&self) -> DType {
        match self {
            Self::Tensor(tensor) => tensor.dtype(),
            Self::Slice(slice) => slice.dtype(),
        }
    }

    /// How many numbers there are.
    #[must_use]
    pub fn elements(&self) -> usize {
        match self {
            Self::Tensor(tensor) => tensor.elements(),
            Self::Slice(slice) => slice.len(),
        }
    }

    /// Whether the numbers can stand for a value of this type and shape: a slice of as many, or a tensor of that shape
    /// without gaps.
    #[must_use]
    pub fn fits(&self, dtype: DType, shape: &Shape) -> bool {
        let same_shape = match self {
            Self::Tensor(tensor) => tensor.shape() == shape && tensor.layout().is_contiguous(),
            Self::Slice(slice) => slice.len() == shape.elements(),
        };
        same_shape && self.dtype() == dtype
    }

    /// The address of numbers that stand for a buffer; they are only read.
    ///
    /// # Errors
    /// Another type or number of elements, or a tensor with gaps.
    pub(super) fn address(&self, spec: &BufferSpec) -> Result<Address> {
        let is_contiguous = !matches!(self, Self::Tensor(tensor) if !tensor.layout().is_contiguous());
        if self.dtype() != spec.dtype || self.elements() != spec.elements || !is_contiguous {
            let (want, got) = ((spec.elements, spec.dtype), (self.elements(), self.dtype()));
            let text = format!(
                "expected {} numbers of {} without gaps, got {} of {}",
                want.0, want.1, got.0, got.1
            );
            return Err(Error::shape(text));
        }
        let address = match self {
            Self::Tensor(tensor) => tensor
                .raw()
                .0
                .wrapping_add(tensor.layout().offset() * spec.dtype.size()),
            Self::Slice(slice) => slice.address(),
        };
        Ok(Address(address.cast_mut()))
    }
}
