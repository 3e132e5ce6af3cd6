//! A gradient for each row: the bits of the row alone.

use rosenblatt::prelude::*;

/// Gradients of all rows, and the gradient of their mean loss.
pub fn run() -> Result<(Params, Params)> {
    let x: Vec<f32> = (0..256 * 20u64).map(|i| (i * i % 503) as f32 / 250.0 - 1.0).collect();
    let (x, y) = (Tensor::new(x, &[256, 20])?, Tensor::from(vec![0.5f32; 256]));
    let net = Sequential::new().then(Linear::new(64)).then(TANH).then(Linear::new(1));
    let params = transform::init(|m, [x]| m.apply("layers", &net, x), 0, [Type::of(&x)])?;
    // begin
    let losses = transform::function(|m, [x, y]| Mse {}.per_example(m.apply("layers", &net, x), y));
    let each = transform::per_sample_grad(losses, &params, [&x, &y])?;
    // end
    let mean = transform::grad_params(|m, [x, y]| losses(m, [x, y]).mean_all(), &params, [&x, &y])?;
    Ok((each, mean))
}

fn main() -> Result<()> {
    let (each, mean) = run()?;
    for (name, gradients) in each {
        println!(
            "{name}: {:?} for rows, {:?} for their mean",
            gradients.shape(),
            mean[&name].shape()
        );
    }
    Ok(())
}
