//! Walks over some of the axes.

#[path = "../../../src/loops/grid.rs"]
mod code;

use rosenblatt_tensor::Shape;

use code::Grid;

#[test]
fn neighbors_are_joined_and_places_keep_their_order() {
    let shape = Shape::new(&[2, 3, 4, 5]).unwrap();
    let grid = Grid::new(&shape, |axis| axis != 1);
    assert_eq!((grid.rank, grid.count()), (2, 40));
    let all = (0..2).flat_map(|i| (0..20).map(move |rest| i * 60 + rest));
    assert!((0..40).map(|i| grid.offset(i)).eq(all));
    let (outer, run) = grid.split_last();
    assert_eq!((outer.count(), run), (2, 20));
}

#[test]
fn no_axes_are_one_place_and_empty_axes_none() {
    let shape = Shape::new(&[3, 0]).unwrap();
    assert_eq!(Grid::new(&shape, |_| false).count(), 1);
    assert_eq!(Grid::new(&shape, |_| false).split_last().1, 1);
    assert_eq!(Grid::new(&shape, |_| true).count(), 0);
    assert_eq!(Grid::new(&Shape::SCALAR, |_| true).offset(0), 0);
}
