//! Pixels of images by their place.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{DType, Result, Tensor};

/// Rows, channels, height, width; zeros if the value is dead.
pub(super) fn sizes(pixels: Var<'_>) -> [usize; 4] {
    <[usize; 4]>::try_from(&pixels.shape()[..]).unwrap_or_default()
}

/// The numbers 0, 1, 2, … along one axis of four.
fn count<'g>(pixels: Var<'g>, shape: [usize; 4]) -> Var<'g> {
    let numbers = |count: usize| -> Result<Tensor> {
        let numbers: Vec<i64> = (0..count as i64).collect();
        Tensor::from_vec(numbers, &shape)
    };
    match numbers(shape.iter().product()) {
        Ok(numbers) => pixels.graph().constant(numbers),
        Err(error) => pixels.fail(error),
    }
}

/// The row and the column of each pixel, i64 `[1, 1, height, 1]` and `[1, 1, 1, width]`.
pub(super) fn places(pixels: Var<'_>) -> [Var<'_>; 2] {
    let [_, _, height, width] = sizes(pixels);
    [count(pixels, [1, 1, height, 1]), count(pixels, [1, 1, 1, width])]
}

/// A number for each image `[rows]` as one for all its pixels, `[rows, 1, 1, 1]`.
pub(super) fn per_image<'g>(numbers: Var<'g>) -> Var<'g> {
    numbers.reshape(&[numbers.shape().elements(), 1, 1, 1])
}

/// The pixels in these rows and columns; 0 outside of the image.
///
/// # Shapes
/// - `pixels`: `[rows, channels, height, width]`; `row`, `column`: i64, broadcast to `[rows, 1, height, width]`
/// - returns the shape of `pixels`
pub(super) fn at<'g>(pixels: Var<'g>, [row, column]: [Var<'g>; 2]) -> Var<'g> {
    let shape @ [rows, channels, height, width] = sizes(pixels);
    let whole = |number: usize| row.full_like(number as f64);
    let [row_inside, column_inside] = [(row, height), (column, width)]
        .map(|(place, size)| place.maximum(whole(0)).minimum(whole(size.saturating_sub(1))));
    let plane = count(pixels, [rows, channels, 1, 1]);
    let index = (plane * whole(height) + row_inside) * whole(width) + column_inside;
    let elements = shape.iter().product();
    let index = index.broadcast_to(&shape).reshape(&[elements]);
    let found = pixels.reshape(&[elements]).take(index).reshape(&shape);
    let zero = pixels.full_like(0.0);
    let in_row = column_inside.eq(column).select(found, zero);
    row_inside.eq(row).select(in_row, zero)
}

/// A whole number below `count`, each equally likely: the integer part of `uniform · count`.
///
/// `uniform` is below 1 and `count` a whole number that its type holds, so that the product is rounded to less than `count`.
pub(super) fn below<'g>(uniform: Var<'g>, count: Var<'g>) -> Var<'g> {
    (uniform * count.cast(uniform.dtype())).cast(DType::I64)
}
