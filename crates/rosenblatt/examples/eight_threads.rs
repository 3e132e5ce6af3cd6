//! Eight threads serve one model, each with a session of its own: the bits of the batch.

use std::thread;

use rosenblatt::prelude::*;

/// Predictions of eight rows together, and of each on a thread of its own.
pub fn run() -> Result<(Tensor, Vec<[f32; 3]>)> {
    let rows: Vec<f32> = (0..80u64).map(|i| (i * i % 101) as f32 / 50.0 - 1.0).collect();
    let (x, y) = (Tensor::from_slice(&rows, &[8, 10])?, [0i64, 1, 2, 0, 1, 2, 0, 1].into());
    let net = Sequential::new()
        .then(Linear::new(16))
        .then(RELU)
        .then(Linear::new(3))
        .then(Softmax {});
    let mut model = net.compile(CrossEntropy::default(), Adam::default(), [Accuracy {}])?;
    model.fit((&x, &y), &Fit::epochs(3))?;
    // begin
    let serve = |row| {
        let mut probabilities = [0f32; 3];
        model.session()?.predict_into(row, &mut probabilities)?;
        Ok(probabilities)
    };
    let alone = thread::scope(|scope| {
        let threads: Vec<_> = rows.chunks(10).map(|row| scope.spawn(move || serve(row))).collect();
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
