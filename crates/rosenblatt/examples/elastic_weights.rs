//! A network learns a second task, and forgets the first one, or does not.

use rosenblatt::nn::consolidation::{Consolidation, diagonal_fisher};
use rosenblatt::nn::transform::per_sample_grad;
use rosenblatt::prelude::*;

/// Mean squared errors on the first task and the second.
pub struct Outcome {
    /// After the first task was learned.
    pub first: [f64; 2],
    /// After the second task was learned too, and nothing held the weights.
    pub forgotten: [f64; 2],
    /// The same with elastic weight consolidation.
    pub kept: [f64; 2],
}

/// Rows of a task. The first reads the sensors 0 to 3; in the second 0 and 1 are silent, and 4 and 5 repeat 2 and 3.
fn task(second: bool) -> Result<[Tensor; 2]> {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for i in 0..64 {
        let sensor = |k: usize| ((i * (7 + 4 * k) + 3 * k) % 29) as f32 / 14.0 - 1.0;
        let [a, b, c, d] = [0, 1, 2, 3].map(sensor);
        if second {
            x.extend([0.0, 0.0, c, d, c, d]);
            y.push(d - c);
        } else {
            x.extend([a, b, c, d, 0.0, 0.0]);
            y.push(a * b + c - d);
        }
    }
    Ok([Tensor::new(x, &[64, 6])?, Tensor::new(y, &[64, 1])?])
}

/// Trains a network on a task, and returns its parameters.
fn train(net: &Sequential, rows: &[Tensor; 2], from: Params, keep: Option<&Consolidation>) -> Result<Params> {
    let mut trainer = Trainer::new(Adam::default().lr(0.01), 0, |m, [x, y]| {
        let loss = Mse {}.per_example(m.apply("layers", net, x), y).mean_all();
        keep.map_or(loss, |keep| loss + keep.penalty(m))
    });
    trainer = trainer.start_from(from);
    for _ in 0..1500 {
        trainer.step([&rows[0], &rows[1]])?;
    }
    trainer.params()
}

/// Learns the first task, then the second one twice.
pub fn run() -> Result<Outcome> {
    let [first, second] = [task(false)?, task(true)?];
    let net = Sequential::new().then(Linear::new(32)).then(TANH).then(Linear::new(1));
    let errors = |params: &Params| {
        let error = |[x, y]: &[Tensor; 2]| {
            let loss = transform::function(|m, [x, y]| Mse {}.per_example(m.apply("layers", &net, x), y).mean_all());
            transform::apply(loss, params, [x, y])?.item()
        };
        Ok::<_, Error>([error(&first)?, error(&second)?])
    };
    let params = train(&net, &first, Params::new(), None)?;
    // begin
    let outputs = transform::function(|m, [x]| m.apply("layers", &net, x).sum_all());
    let importance = diagonal_fisher(&per_sample_grad(outputs, &params, [&first[0]])?)?;
    let keep = Consolidation::new(10.0, &params, &importance)?;
    let kept = train(&net, &second, params.clone(), Some(&keep))?;
    // end
    let forgotten = train(&net, &second, params.clone(), None)?;
    Ok(Outcome {
        first: errors(&params)?,
        forgotten: errors(&forgotten)?,
        kept: errors(&kept)?,
    })
}

fn main() -> Result<()> {
    let Outcome { first, forgotten, kept } = run()?;
    println!("error on the first task, and on the second");
    println!("after the first: {first:?}");
    println!("after the second: {forgotten:?}, and with elastic weight consolidation: {kept:?}");
    Ok(())
}
