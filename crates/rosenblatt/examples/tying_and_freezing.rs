//! Tied weights, frozen layers, a learning rate for each layer: a line each.

use rosenblatt::prelude::*;

/// What changed.
pub struct Outcome {
    /// The parameters of the autoencoder with tied weights.
    pub tied: Params,
    /// Its loss before the first and before the last step.
    pub losses: [f64; 2],
    /// Of the other network: parameters before and after a step of rate 0.1, and the gradient.
    pub step: [Params; 3],
}

/// Trains an autoencoder with tied weights, and takes a step with a frozen and a slow layer.
pub fn run() -> Result<Outcome> {
    let x: Vec<f32> = (0..512).map(|i| ((i * 31 % 17) as f32 - 8.0) / 8.0).collect();
    let x = Tensor::new(x, &[128, 4])?;
    let mut trainer = Trainer::new(Adam::default().lr(0.01), 0, |m, [x]| {
        let w = m.weight("weight", &[3, 4]);
        // begin tying
        let error = x.matmul(w.matrix_transpose()).tanh().matmul(w) - x;
        // end tying
        (error * error).mean_all()
    });
    let mut losses = [trainer.step([&x])?; 2];
    for _ in 0..300 {
        losses[1] = trainer.step([&x])?;
    }
    let net = Sequential::new()
        .then(Linear::new(6))
        .then(TANH)
        .then(Linear::new(6))
        .then(TANH)
        .then(Linear::new(4));
    let optimize = Sgd::default().lr(0.1);
    // begin freezing
    let optimize = optimize.freeze("layers.0");
    // end freezing
    // begin rate
    let optimize = optimize.group("layers.2", 0.1);
    // end rate
    let mut step = Trainer::new(optimize, 0, |m, [x]| {
        let error = m.apply("layers", &net, x) - x;
        (error * error).mean_all()
    });
    let (_, gradient) = step.gradient([&x])?;
    let before = step.params()?;
    step.step([&x])?;
    Ok(Outcome {
        tied: trainer.params()?,
        losses,
        step: [before, step.params()?, gradient],
    })
}

fn main() -> Result<()> {
    let Outcome { tied, losses, .. } = run()?;
    println!(
        "tied: {:?}, loss {} → {}",
        tied.keys().collect::<Vec<_>>(),
        losses[0],
        losses[1]
    );
    Ok(())
}
