//! Two named inputs, two branches, a residual connection, a frozen branch: plain data.

use rosenblatt::prelude::*;

/// Numbers in [−1, 1].
fn numbers(rows: usize, width: usize) -> Result<Tensor> {
    let numbers = (0..rows * width).map(|i| ((i * 37 % 11) as f32 - 5.0) / 5.0);
    Tensor::new(numbers.collect(), &[rows, width])
}

/// The losses of the epochs, and parameters before and after.
pub fn run() -> Result<(Vec<f64>, Params, Params)> {
    let (a, b, y) = (numbers(32, 10)?, numbers(32, 3)?, numbers(32, 1)?);
    // begin
    let net = Functional::of(|[a, b]| {
        let a = a.named("a").then(Linear::new(8)).named("left").then(RELU);
        let b = b.named("b").then(Linear::new(4)).named("right").then(RELU);
        let h = a.concat(b);
        // begin residual
        let h = h + h.then(Linear::new(12)).then(RELU);
        // end residual
        h.then(Linear::new(1))
    });
    let mut model = net.compile(Mse {}, Adam::default().lr(0.01).freeze("right"), [Rmse {}])?;
    let first = model.fit(([&a, &b], &y), &Fit::epochs(1))?;
    // end
    let before = model.params().clone();
    let history = model.fit(([&a, &b], &y), &Fit::epochs(200))?;
    let losses = [first.curve("loss"), history.curve("loss")].concat();
    Ok((losses, before, model.params().clone()))
}

fn main() -> Result<()> {
    let (losses, _, after) = run()?;
    println!(
        "loss {} in the first epoch, {} in the last",
        losses[0],
        losses[losses.len() - 1]
    );
    println!("parameters {:?}", after.keys().collect::<Vec<_>>());
    Ok(())
}
