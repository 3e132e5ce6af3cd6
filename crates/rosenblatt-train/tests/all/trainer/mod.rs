//! Loops of one's own over a `Trainer`.

mod gradient;
mod kill;
mod learners;
mod resume;
mod shapes;

use rosenblatt_tensor::{DType, Tensor};

/// Numbers in [-1, 1) that depend on `seed` and their place alone.
pub fn numbers(seed: u64, shape: &[usize]) -> Tensor {
    let one = |i: usize| {
        let mixed = (seed * 1_000_003 + i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f32 / (1u32 << 23) as f32 - 1.0
    };
    Tensor::from_vec((0..shape.iter().product()).map(one).collect(), shape).unwrap()
}

/// The same as f64.
pub fn doubles(seed: u64, shape: &[usize]) -> Tensor {
    let numbers = numbers(seed, shape);
    assert_eq!(numbers.dtype(), DType::F32);
    Tensor::from_vec(numbers.to_f64(), shape).unwrap()
}

/// Classes below `classes`.
pub fn classes(seed: u64, classes: i64, shape: &[usize]) -> Tensor {
    let class = |x: f64| ((x + 1.0) / 2.0 * classes as f64) as i64;
    let values = numbers(seed, shape).to_f64().into_iter().map(class).collect();
    Tensor::from_vec(values, shape).unwrap()
}
