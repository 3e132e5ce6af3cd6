//! Define by run: the graph depends on the numbers, and is differentiated as it came out.

use rosenblatt::prelude::*;

/// The root of 2 by Newton's iteration, its derivative, and the number of iterations.
pub fn run() -> Result<(f64, f64, usize)> {
    let mut iterations = 0;
    // begin
    let graph = Graph::dynamic();
    let a = graph.constant(2.0.into());
    let mut root = a;
    while (root * root - a).value()?.item()?.abs() > 1e-15 {
        root = (root + a / root) * 0.5;
        iterations += 1;
    }
    let derivative = reverse::gradients(root, &[a])[0].value()?.item()?;
    // end
    Ok((root.value()?.item()?, derivative, iterations))
}

fn main() -> Result<()> {
    let (root, derivative, iterations) = run()?;
    println!("√2 = {root}, d√a/da = {derivative}, after {iterations} iterations");
    Ok(())
}
