//! Eight threads serve one model, each with a session of its own: the bits of the batch.

use std::thread;

use rosenblatt::prelude::*;

/// Predictions of eight rows together, and of each on a thread of its own.
pub fn run() -> Result<(Tensor, [[f32; 3]; 8])> {
    let rows: Vec<f32> = (0..80u64).map(|i| (i * i % 101) as f32 / 50.0 - 1.0).collect();
    let (x, y) = (Tensor::from_slice(&rows, &[8, 10])?, [0i64, 1, 2, 0, 1, 2, 0, 1].into());
    let net = Sequential::new()
        .then(Linear::new(16))
        .then(RELU)
        .then(Linear::new(3))
        .then(Softmax {});
    let mut model = net.compile(CrossEntropy::default(), Adam::default(), [Accuracy {}])?;
    model.fit((&x, &y), &Fit::epochs(3))?;
    let mut alone = [[0f32; 3]; 8];
    // begin
    thread::scope(|scope| -> Result<()> {
        for (row, probabilities) in rows.chunks(10).zip(&mut alone) {
            let mut session = model.session()?;
            scope.spawn(move || session.predict_into(row, probabilities).expect("a row of the model"));
        }
        Ok(())
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
