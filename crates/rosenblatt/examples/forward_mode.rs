//! Forward mode: the output of a network, and its derivative along a direction of the input.

use rosenblatt::prelude::*;

/// The output and its derivative.
pub fn run() -> Result<(Vec<f64>, Vec<f64>)> {
    let net = Sequential::new().then(Linear::new(8)).then(GELU).then(Linear::new(2));
    let (x, v) = ([[0.1, 0.2, 0.3]].into(), [[1.0, 0.0, -1.0]].into());
    // begin
    let params = transform::init(|m, [x]| m.apply("layers", &net, x), 0, [Type::of(&x)])?;
    let (y, dy) = transform::jvp_apply(|m, [x]| m.apply("layers", &net, x), &params, [&x], [&v])?;
    // end
    Ok((y.to_f64(), dy.to_f64()))
}

fn main() -> Result<()> {
    let (y, dy) = run()?;
    println!("output {y:?}, along the direction {dy:?}");
    Ok(())
}
