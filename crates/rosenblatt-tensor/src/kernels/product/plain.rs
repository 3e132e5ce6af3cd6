//! The sum rule in its plainest form: what the kernels are tested against.

use super::{KB, Lane};

/// `C = A B`, row-major `[m, n]`, with `A` and `B` given by their elements.
///
/// # Example
/// ```
/// use rosenblatt_tensor::kernels::product::plain;
/// let (a, b) = ([1.0, 2.0], [3.0, 4.0]);
/// assert_eq!(plain::product([1, 2, 1], |_, i| a[i], |i, _| b[i]), [11.0]);
/// ```
pub fn product<T: Lane>([m, k, n]: [usize; 3], a: impl Fn(usize, usize) -> T, b: impl Fn(usize, usize) -> T) -> Vec<T> {
    let element = |i, j| sum(k, |x, s| a(i, x).fma(b(x, j), s));
    (0..m)
        .flat_map(|i| (0..n).map(move |j| (i, j)))
        .map(|(i, j)| element(i, j))
        .collect()
}

/// The sum of each column of `X`, `[k, n]`, given by its elements.
pub fn column_sums<T: Lane>([k, n]: [usize; 2], x: impl Fn(usize, usize) -> T) -> Vec<T> {
    (0..n).map(|j| sum(k, |i, s| x(i, j).plus(s))).collect()
}

/// Steps `0..k` in blocks: a chain from +0 in each, the blocks' sums added in order.
fn sum<T: Lane>(k: usize, step: impl Fn(usize, T) -> T) -> T {
    let block = |first: usize| (first..k.min(first + KB)).fold(T::default(), |s, i| step(i, s));
    (KB..k)
        .step_by(KB)
        .fold(block(0), |total, first| total.plus(block(first)))
}
