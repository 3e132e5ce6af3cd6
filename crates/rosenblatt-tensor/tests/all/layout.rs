//! Layouts.

use rosenblatt_tensor::{Layout, Shape};

fn layout(sizes: &[usize]) -> Layout {
    Layout::contiguous(Shape::new(sizes).unwrap())
}

fn places(layout: &Layout) -> Vec<usize> {
    (0..layout.shape().elements()).map(|i| layout.locate(i)).collect()
}

#[test]
fn views_visit_the_right_elements() {
    let base = layout(&[2, 3]);
    assert_eq!(places(&base.permute(&[1, 0]).unwrap()), [0, 3, 1, 4, 2, 5]);
    assert_eq!(places(&base.slice(1, 1, 3).unwrap()), [1, 2, 4, 5]);
    let wide = layout(&[3]).broadcast_to(Shape::new(&[2, 3]).unwrap()).unwrap();
    assert_eq!(places(&wide), [0, 1, 2, 0, 1, 2]);
}

#[test]
fn reshape_of_a_view_keeps_row_major_order_or_refuses() {
    let base = layout(&[4, 6]).slice(1, 0, 3).unwrap();
    let split = base.reshape(Shape::new(&[2, 2, 3]).unwrap()).unwrap().unwrap();
    assert_eq!(places(&split), places(&base));
    assert!(base.reshape(Shape::new(&[12]).unwrap()).unwrap().is_none());
    assert!(base.reshape(Shape::new(&[11]).unwrap()).is_err());
}

#[test]
fn extent_covers_what_is_touched_and_nothing_of_an_empty_layout() {
    assert_eq!(layout(&[2, 3]).slice(1, 1, 2).unwrap().extent(), (1, 5));
    assert_eq!(layout(&[0, 3]).extent(), (0, 0));
    assert_eq!(layout(&[2, 3]).slice(0, 2, 2).unwrap().extent(), (0, 0));
    assert_eq!(layout(&[0, 5]).slice(1, 3, 5).unwrap().extent(), (0, 0));
}
