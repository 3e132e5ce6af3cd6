//! A recurrent network: the loop over time is an ordinary loop, and back-propagation goes through it.

use rosenblatt::prelude::*;

/// 400 sequences of 20 steps of 3 numbers; whether the first numbers of the steps sum to more than 0.
fn data() -> Result<(Tensor, Tensor)> {
    let x: Vec<f32> = (0..24_000u64).map(|i| (i * i % 1013) as f32 / 506.0 - 1.0).collect();
    let above = |sequence: &[f32]| i64::from(sequence.iter().step_by(3).sum::<f32>() > 0.0);
    let y: Vec<i64> = x.chunks(60).map(above).collect();
    Ok((Tensor::new(x, &[400, 20, 3])?, y.into()))
}

/// The loss of every step.
pub fn run() -> Result<Vec<f64>> {
    let (x, y) = data()?;
    let mut losses = Vec::new();
    // begin
    let recur = Linear {
        out_features: 16,
        bias: false,
    };
    let mut rnn = Trainer::new(Adam::default().lr(0.01), 0, |m, [x, y]| {
        let start = x.full_like(0.0).broadcast_to(&[x.size(0), 16]);
        let h = x.steps(1).into_iter().fold(start, |h, x| {
            (m.apply("input", &Linear::new(16), x) + m.apply("recur", &recur, h)).tanh()
        });
        m.apply("head", &Linear::new(2), h).softmax_cross_entropy(y).mean_all()
    });
    for _ in 0..60 {
        losses.push(rnn.step([&x, &y])?);
    }
    // end
    Ok(losses)
}

fn main() -> Result<()> {
    let losses = run()?;
    println!(
        "loss {} before the first step, {} before the last",
        losses[0],
        losses[losses.len() - 1]
    );
    Ok(())
}
