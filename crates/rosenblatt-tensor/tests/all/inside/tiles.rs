//! How a product is cut into tiles.

#[path = "../../../src/kernels/product/cut.rs"]
mod code;

use code::{balance, cut, widest};

#[test]
fn tiles_are_few_and_nearly_equal() {
    for rows in 0..200 {
        for most in 1..30 {
            let heights: Vec<usize> = balance(7..7 + rows, most).map(|tile| tile.len()).collect();
            assert_eq!(heights.len(), rows.div_ceil(most));
            assert_eq!(heights.iter().sum::<usize>(), rows);
            assert!(
                heights
                    .iter()
                    .all(|&h| 1 <= h && h <= most && h.abs_diff(heights[0]) <= 1),
                "{heights:?}"
            );
        }
    }
}

#[test]
fn pieces_cover_the_range_in_order_and_nothing_is_one_empty_piece() {
    assert_eq!(cut(3..10, 3).collect::<Vec<_>>(), [3..6, 6..9, 9..10]);
    assert_eq!(
        cut(5..5, 3).collect::<Vec<_>>(),
        std::iter::once(5..5).collect::<Vec<_>>()
    );
}

#[test]
fn strips_are_wide_for_few_rows_and_narrow_at_the_end() {
    // Most rows and width: those of a plain CPU.
    let strips = [[1, 8], [2, 4], [4, 2], [4, 1]];
    let width = |rows, vectors| widest(&strips, |&size| size, [rows, vectors])[1];
    let widths = [
        width(1, 8),
        width(1, 5),
        width(2, 8),
        width(3, 8),
        width(100, 8),
        width(100, 2),
        width(100, 1),
        width(1, 1),
    ];
    assert_eq!(widths, [8, 4, 4, 2, 2, 2, 1, 1]);
}
