//! XOR: no single layer computes it, which a linear program proves; two layers do, set by hand or trained.

use rosenblatt::prelude::*;
use rosenblatt::train::{Separability, separability};

/// What is found for OR and XOR, and the outputs of XOR by hand and by training.
pub fn run() -> Result<(Separability, Separability, Vec<f64>, Vec<f64>)> {
    let inputs = Tensor::new(vec![0f32, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], &[4, 2])?;
    let [or, xor] = [[0i64, 1, 1, 1], [0, 1, 1, 0]].map(|bits| Tensor::new(bits.to_vec(), &[4]));
    let (or, xor) = (or?, xor?);
    // begin single
    let (of_or, of_xor) = (separability(&inputs, &or)?, separability(&inputs, &xor)?);
    // end single
    // begin hand
    // Hidden units compute OR and NAND; the output is the AND of both.
    let hidden = Tensor::new(vec![20f32, -20.0, 20.0, -20.0], &[2, 2])?;
    let hidden_bias = Tensor::new(vec![-10f32, 30.0], &[2])?;
    let by_hand = autodiff::eval(
        |[x, w, b]| ((x.matmul(w) + b).sigmoid().sum(&[1], false) * 20.0 - 30.0).sigmoid(),
        [&inputs, &hidden, &hidden_bias],
    )?;
    // end hand
    // begin trained
    let net = Sequential::new()
        .then(Linear::new(8))
        .then(TANH)
        .then(Linear::new(1))
        .then(SIGMOID);
    let mut model = net.compile(BceWithLogits::default(), Adam::default().lr(0.05), [Accuracy {}])?;
    model.fit((&inputs, &xor), &Fit::epochs(500))?;
    // end trained
    let trained = model.predict(&inputs)?;
    Ok((of_or, of_xor, by_hand.to_f64(), trained.to_f64()))
}

fn main() -> Result<()> {
    let (or, xor, by_hand, trained) = run()?;
    println!("linearly separable: OR {or}; XOR {xor}");
    println!("two layers, set by hand: {by_hand:.4?}");
    println!("two layers, trained: {trained:.4?}");
    Ok(())
}
