//! Conversions of arrays and vectors to tensors.

use rosenblatt_tensor::{DType, Tensor};

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
