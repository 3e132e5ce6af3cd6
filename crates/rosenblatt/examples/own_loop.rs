//! A training loop of one's own, with a loss of one's own.

use rosenblatt::prelude::*;

/// Rows `[a, b]` and their products.
fn data() -> Result<(Tensor, Tensor)> {
    let numbers: Vec<f32> = (0..1024u64).map(|i| (i * i % 251) as f32 / 125.0 - 1.0).collect();
    let products: Vec<f32> = numbers.chunks(2).map(|row| row[0] * row[1]).collect();
    Ok((Tensor::new(numbers, &[512, 2])?, products.into()))
}

/// The loss of every step.
pub fn run() -> Result<Vec<f64>> {
    let (x, y) = data()?;
    let mut losses = Vec::new();
    // begin
    let net = Sequential::new().then(Linear::new(32)).then(TANH).then(Linear::new(1));
    let mut trainer = Trainer::new(Adam::default().lr(0.01), 0, |m, [x, y]| {
        let error = m.apply("layers", &net, x).reshape(&y.shape()) - y;
        (error.abs() + 1.0).ln().mean_all()
    });
    let mut batches = Batches::new(512, 64, 0)?;
    for epoch in 0..40 {
        batches.shuffle(epoch);
        for rows in batches.iter() {
            losses.push(trainer.step([&x.select(rows)?, &y.select(rows)?])?);
        }
    }
    // end
    Ok(losses)
}

fn main() -> Result<()> {
    let losses = run()?;
    println!(
        "{} steps: loss {} before the first, {} before the last",
        losses.len(),
        losses[0],
        losses[losses.len() - 1]
    );
    Ok(())
}
