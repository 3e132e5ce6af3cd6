//! Numbers, vectors, arrays and slices as tensors.

use crate::{Element, Tensor};

/// A shape known to fit: a size at most, of an array that exists.
fn shaped<T: Element>(values: Vec<T>, shape: &[usize]) -> Tensor {
    Tensor::new(values, shape).unwrap_or_else(|_| unreachable!("an array in memory has a shape that fits"))
}

/// A tensor with no axes.
impl<T: Element> From<T> for Tensor {
    fn from(value: T) -> Self {
        Self::scalar(value)
    }
}

/// One axis; the vector is the tensor's memory.
impl<T: Element> From<Vec<T>> for Tensor {
    fn from(values: Vec<T>) -> Self {
        let len = values.len();
        shaped(values, &[len])
    }
}

/// One axis.
impl<T: Element> From<&[T]> for Tensor {
    fn from(values: &[T]) -> Self {
        values.to_vec().into()
    }
}

/// `[N]`
impl<T: Element, const N: usize> From<[T; N]> for Tensor {
    fn from(values: [T; N]) -> Self {
        Vec::from(values).into()
    }
}

/// `[N]`
impl<T: Element, const N: usize> From<&[T; N]> for Tensor {
    fn from(values: &[T; N]) -> Self {
        values[..].into()
    }
}

/// `[M, N]`, row by row.
impl<T: Element, const N: usize, const M: usize> From<[[T; N]; M]> for Tensor {
    fn from(rows: [[T; N]; M]) -> Self {
        shaped(rows.concat(), &[M, N])
    }
}

/// `[M, N]`, row by row.
impl<T: Element, const N: usize> From<&[[T; N]]> for Tensor {
    fn from(rows: &[[T; N]]) -> Self {
        shaped(rows.concat(), &[rows.len(), N])
    }
}

/// `[M, N]`, row by row.
impl<T: Element, const N: usize> From<Vec<[T; N]>> for Tensor {
    fn from(rows: Vec<[T; N]>) -> Self {
        let len = rows.len();
        shaped(rows.into_flattened(), &[len, N])
    }
}

impl From<&Tensor> for Tensor {
    /// Another handle of the same memory.
    fn from(tensor: &Tensor) -> Self {
        tensor.clone()
    }
}
