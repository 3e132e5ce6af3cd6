//! Arrays of `ndarray` in and out.

use ndarray::{Array, Array0, Array2, ArrayD, ArrayViewD, Axis, IxDyn, array, s};
use rosenblatt_tensor::{DType, ErrorKind, Tensor};

fn view(x: &Tensor) -> ArrayViewD<'_, f64> {
    x.try_into().unwrap()
}

/// Every array here, with what `ndarray` itself says its elements are.
fn arrays() -> Vec<ArrayD<f64>> {
    let base = Array::from_iter((0..24).map(f64::from))
        .into_shape_with_order((2, 3, 4))
        .unwrap();
    let mut backwards = base.clone();
    backwards.invert_axis(Axis(1));
    backwards.invert_axis(Axis(2));
    vec![
        base.clone().into_dyn(),
        base.clone().reversed_axes().into_dyn(),
        base.clone().slice_move(s![1.., ..;2, 1..3]).into_dyn(),
        base.slice_move(s![.., ..;-1, ..;-2]).into_dyn(),
        backwards.into_dyn(),
        Array0::from_elem((), 7.0).into_dyn(),
        Array2::zeros((0, 3)).into_dyn(),
        Array2::zeros((3, 0)).into_dyn(),
        Array2::from_elem((1, 1), 3.0).into_dyn(),
    ]
}

#[test]
fn arrays_become_tensors_and_views_without_a_copy() {
    for array in arrays() {
        let expected = array.clone();
        let first = array.as_ptr();
        let x = Tensor::try_from(array).unwrap();
        assert_eq!(**x.shape(), *expected.shape());
        assert_eq!(x.to_vec::<f64>().unwrap(), expected.iter().copied().collect::<Vec<_>>());
        let view = view(&x);
        assert_eq!(view, expected);
        if x.elements() > 0 {
            assert_eq!(view.as_ptr(), first);
        }
    }
}

#[test]
fn views_of_tensors_have_their_strides() {
    let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let turned = x.permute(&[1, 0]).unwrap().slice(0, 1, 3).unwrap();
    assert_eq!(view(&turned), array![[2.0, 5.0], [3.0, 6.0]].into_dyn());
    let wide = x.slice(0, 0, 1).unwrap().broadcast_to(&[2, 2, 3]).unwrap();
    assert_eq!(
        view(&wide),
        ArrayD::from_shape_fn(IxDyn(&[2, 2, 3]), |at| 1.0 + at[2] as f64)
    );
}

#[test]
fn other_types_and_too_many_axes_are_refused() {
    let x = Tensor::from(array![1i64, 2]);
    assert_eq!(x.dtype(), DType::I64);
    assert_eq!(
        ArrayViewD::<'_, f32>::try_from(&x).unwrap_err().kind(),
        ErrorKind::Shape
    );
    let deep = ArrayD::<f32>::zeros(IxDyn(&[1; 9]));
    assert_eq!(Tensor::try_from(deep).unwrap_err().kind(), ErrorKind::Shape);
}
