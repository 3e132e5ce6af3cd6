//! Predicts rows of a 784-256-10 network in a session, as many as are asked for: `cargo xtask prove threads` counts the
//! system calls of it.

use rosenblatt_nn::activations::RELU;
use rosenblatt_nn::layers::{Linear, Sequential, Softmax};
use rosenblatt_nn::losses::CrossEntropy;
use rosenblatt_nn::metrics::Accuracy;
use rosenblatt_nn::optimizers::Sgd;
use rosenblatt_tensor::{Error, Result, Tensor};
use rosenblatt_train::{Compile as _, Fit};

fn main() -> Result<()> {
    let rows = std::env::args().nth(1).and_then(|rows| rows.parse().ok());
    let rows: usize = rows.ok_or_else(|| Error::config("expected a number of rows"))?;
    let x = Tensor::from_vec((0..8 * 784).map(|i| (i % 251) as f32 / 251.0).collect(), &[8, 784])?;
    let y = Tensor::from_vec((0..8).collect::<Vec<i64>>(), &[8])?;
    let network = Sequential::new()
        .then(Linear::new(256))
        .then(RELU)
        .then(Linear::new(10))
        .then(Softmax {});
    let mut model = network.compile(CrossEntropy::default(), Sgd::default(), [Accuracy {}])?;
    model.fit((&x, &y), &Fit::default())?;
    let (row, mut out) = (x.slice(0, 0, 1)?.to_vec::<f32>()?, [0f32; 10]);
    let mut session = model.session()?;
    for _ in 0..rows {
        session.predict_into(&row, &mut out)?;
    }
    println!("{:08x}", out[0].to_bits());
    Ok(())
}
