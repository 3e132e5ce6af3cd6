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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DType;

    #[test]
    fn arrays_have_the_shape_they_look_like() {
        let f = |x: Tensor| (x.dtype(), x.shape().to_vec(), x.to_f64());
        assert_eq!(f(2.5f32.into()), (DType::F32, vec![], vec![2.5]));
        assert_eq!(f(2.5.into()), (DType::F64, vec![], vec![2.5]));
        assert_eq!(f([1i64, 2].into()), (DType::I64, vec![2], vec![1.0, 2.0]));
        assert_eq!(f((&[1u8, 2, 3]).into()), (DType::U8, vec![3], vec![1.0, 2.0, 3.0]));
        let rows = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let all = (DType::F64, vec![2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(f(rows.into()), all);
        assert_eq!(f(rows[..].into()), all);
        assert_eq!(f(rows.to_vec().into()), all);
        assert_eq!(f(Vec::<f64>::new().into()), (DType::F64, vec![0], vec![]));
        assert_eq!(f([[0.0f64; 0]; 3].into()), (DType::F64, vec![3, 0], vec![]));
    }

    #[test]
    fn a_vector_is_not_copied() {
        let values = vec![1.0f32, 2.0, 3.0, 4.0];
        let address = values.as_ptr();
        let x = Tensor::new(values, &[2, 2]).unwrap();
        assert_eq!(x.as_slice::<f32>().unwrap().as_ptr(), address);
        let values = vec![1.0f64, 2.0];
        let address = values.as_ptr();
        assert_eq!(Tensor::from(values).as_slice::<f64>().unwrap().as_ptr(), address);
    }

    #[test]
    fn writing_reuses_a_vector_that_nothing_shares() {
        let mut x = Tensor::from(vec![1i64, 2]);
        let address = x.as_slice::<i64>().unwrap().as_ptr();
        x.write(&[3i64, 4]).unwrap();
        assert_eq!(x.as_slice::<i64>().unwrap().as_ptr(), address);
        let old = x.clone();
        x.write(&[5i64, 6]).unwrap();
        assert_eq!((old.to_f64(), x.to_f64()), (vec![3.0, 4.0], vec![5.0, 6.0]));
    }
}
