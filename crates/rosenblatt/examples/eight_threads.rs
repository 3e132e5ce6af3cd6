//! Eight threads predict with one model: the bits of the batch.

use std::thread;

use rosenblatt::prelude::*;

/// Predictions of eight rows together, and of each on a thread of its own.
pub fn run() -> Result<(Tensor, Vec<Tensor>)> {
    let x: Vec<f32> = (0..80u64).map(|i| (i * i % 101) as f32 / 50.0 - 1.0).collect();
    let (x, y) = (Tensor::new(x, &[8, 10])?, [0i64, 1, 2, 0, 1, 2, 0, 1].into());
    let net = Sequential::new()
        .then(Linear::new(16))
        .then(RELU)
        .then(Linear::new(3))
        .then(Softmax {});
    let mut model = net.compile(CrossEntropy::default(), Adam::default(), [Accuracy {}])?;
    model.fit((&x, &y), &Fit::epochs(3))?;
    let rows = (0..8).map(|row| x.slice(0, row, row + 1)).collect::<Result<Vec<_>>>()?;
    // begin
    let alone = thread::scope(|scope| {
        let model = &model;
        let threads: Vec<_> = rows.iter().map(|row| scope.spawn(move || model.predict(row))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect::<Result<Vec<_>>>()
    })?;
    // end
    Ok((model.predict(&x)?, alone))
}

fn main() -> Result<()> {
    let (together, alone) = run()?;
    println!("together {together:?}");
    println!("alone {alone:?}");
    Ok(())
}
