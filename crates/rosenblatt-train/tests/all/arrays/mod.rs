//! Models that are trained on arrays.

mod accumulation;
mod augmenting;
mod averages;
mod full_batch;
mod functional;
mod losses;
mod maxout;
mod mixup;
mod own_layer;
mod predict;
mod runs;
mod targets;
mod weights;

use rosenblatt_nn::activations::TANH;
use rosenblatt_nn::layers::{Linear, Sequential};
use rosenblatt_nn::losses::{CrossEntropy, Mse};
use rosenblatt_nn::metrics::{Accuracy, Rmse};
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::Adam;
use rosenblatt_tensor::Tensor;
use rosenblatt_train::{Compile as _, Fit, Model, Params};

use crate::common::alone;
use crate::trainer::numbers;

/// A hidden layer of 6.
fn hidden() -> Sequential {
    Sequential::new().then(Linear::new(6)).then(TANH)
}

/// A classifier of three classes.
fn classifier(layers: Sequential) -> Model {
    let optimize = Adam::default().lr(0.02);
    layers
        .compile(CrossEntropy::default(), optimize, [Accuracy {}])
        .unwrap()
}

/// A regression with so many outputs.
fn regression(outputs: usize) -> Model {
    let layers = hidden().then(Linear::new(outputs));
    layers.compile(Mse {}, Adam::default().lr(0.02), [Rmse {}]).unwrap()
}

/// 50 rows of 4 numbers, and which of the first three is the largest.
fn classes() -> (Tensor, Tensor) {
    let x = numbers(1, &[50, 4]);
    let largest = |row: &[f32]| (0..3).max_by(|&i, &j| row[i].total_cmp(&row[j])).unwrap() as i64;
    let y = x.to_vec::<f32>().unwrap().chunks_exact(4).map(largest).collect();
    (x, Tensor::from_vec(y, &[50]).unwrap())
}

/// Four epochs of batches of 16 rows, the last one short.
fn fit() -> Fit {
    Fit {
        epochs: 4,
        batch_size: 16,
        seed: 5,
        run: alone(),
        ..Fit::default()
    }
}

/// The bits of all parameters.
pub(crate) fn bits(params: &Params) -> Vec<(String, Vec<u64>)> {
    let bits = |x: &Tensor| x.to_f64().into_iter().map(f64::to_bits).collect();
    params.iter().map(|(name, x)| (name.clone(), bits(x))).collect()
}

fn close(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= tolerance * (1.0 + want.abs()), "{got} {want}");
    }
}
