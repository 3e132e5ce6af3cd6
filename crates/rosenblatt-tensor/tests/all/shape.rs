//! Shapes.

use rosenblatt_tensor::Shape;

#[test]
fn broadcasting_aligns_the_last_axes() {
    let of = |a: &[usize], b: &[usize]| Shape::new(a).unwrap().broadcast(&Shape::new(b).unwrap());
    assert_eq!(of(&[3, 1], &[4]).unwrap(), [3, 4]);
    assert_eq!(of(&[], &[0, 2]).unwrap(), [0, 2]);
    assert_eq!(of(&[1], &[0]).unwrap(), [0]);
    assert!(of(&[2], &[3]).is_err());
    assert!(of(&[2], &[0]).is_err());
}

#[test]
fn too_many_axes_or_elements_are_errors() {
    assert!(Shape::new(&[1; 9]).is_err());
    assert!(Shape::new(&[usize::MAX, 2]).is_err());
    assert!(Shape::new(&[usize::MAX / 4, 0]).is_err());
}
