//! Compile, fit, evaluate, predict: the first example of Keras.

use rosenblatt::prelude::*;
use rosenblatt::train::Metrics;

/// 1000 rows of 100 numbers in 40 classes: that of a row is where its first 40 numbers are largest.
fn data() -> Result<(Tensor, Tensor)> {
    let numbers: Vec<f32> = (0..100_000u64).map(|i| (i * i % 1009) as f32 / 1009.0 - 0.5).collect();
    let largest = |row: &[f32]| (0..40).fold(0, |best, i| if row[i] > row[best] { i } else { best }) as i64;
    let classes: Vec<i64> = numbers.chunks(100).map(largest).collect();
    Ok((Tensor::new(numbers, &[1000, 100])?, classes.into()))
}

/// The losses of the epochs, then loss and accuracy, and the probabilities of the classes.
pub fn run() -> Result<(Vec<f64>, Metrics, Tensor)> {
    let (x, y) = data()?;
    // begin
    let mut model = Sequential::new()
        .then(Linear::new(64))
        .then(RELU)
        .then(Linear::new(40))
        .then(Softmax {})
        .compile(CrossEntropy::default(), Sgd::default().lr(0.01), [Accuracy {}])?;
    let history = model.fit((&x, &y), &Fit::epochs(5).batch_size(32))?;
    let metrics = model.evaluate((&x, &y))?;
    let classes = model.predict(&x)?;
    // end
    Ok((history.curve("loss"), metrics, classes))
}

fn main() -> Result<()> {
    let (losses, metrics, classes) = run()?;
    println!("losses {losses:?}, then {metrics:?}; predictions {:?}", classes.shape());
    Ok(())
}
