//! Tensors.

use rosenblatt_tensor::{DType, Shape, Tensor};

#[test]
fn wrong_length_or_type_is_an_error() {
    assert!(Tensor::from_vec(vec![1.0f32; 5], &[2, 3]).is_err());
    assert!(Tensor::scalar(1.0f32).to_vec::<f64>().is_err());
    assert!(Tensor::zeros(DType::F32, Shape::new(&[2]).unwrap()).item().is_err());
}

#[test]
fn views_share_and_copies_are_right() {
    let x = Tensor::from_vec((0..12).map(f64::from).collect(), &[3, 4]).unwrap();
    let v = x.slice(1, 1, 3).unwrap().permute(&[1, 0]).unwrap();
    assert_eq!(v.to_vec::<f64>().unwrap(), [1.0, 5.0, 9.0, 2.0, 6.0, 10.0]);
    assert_eq!(
        v.reshape(&[6]).unwrap().to_vec::<f64>().unwrap(),
        v.to_vec::<f64>().unwrap()
    );
    assert!(v.as_slice::<f64>().is_err());
}

#[test]
fn empty_tensors_are_fine() {
    let x = Tensor::from_vec(Vec::<f32>::new(), &[0, 3]).unwrap();
    assert_eq!(x.slice(0, 0, 0).unwrap().to_vec::<f32>().unwrap(), Vec::<f32>::new());
    assert_eq!(x.permute(&[1, 0]).unwrap().elements(), 0);
}

#[test]
fn the_first_number_that_is_not_finite_is_found() {
    let mut numbers = vec![0.5f32; (1 << 20) + 3];
    let first = |numbers: &[f32]| {
        let tensor = Tensor::from_slice(numbers, &[numbers.len()]).unwrap();
        tensor.first_not_finite().unwrap()
    };
    assert_eq!((first(&numbers), first(&[])), (None, None));
    numbers[(1 << 20) + 2] = f32::NAN;
    assert_eq!(first(&numbers), Some((1 << 20) + 2));
    numbers[7] = f32::NEG_INFINITY;
    assert_eq!(first(&numbers), Some(7));
    let x = Tensor::from_vec(vec![1.0, f64::INFINITY, 2.0, 3.0], &[2, 2]).unwrap();
    assert_eq!(x.first_not_finite().unwrap(), Some(1));
    assert!(x.permute(&[1, 0]).unwrap().first_not_finite().is_err());
    assert_eq!(Tensor::scalar(7i64).first_not_finite().unwrap(), None);
}
