//! The four equations of back-propagation in matrix form, and the engine's gradients of the same network.

use rosenblatt::prelude::*;

/// A gradient by hand, and the engine's.
pub struct Pair {
    /// `∂C/∂W2`, `δ1`, …
    pub name: &'static str,
    /// By the four equations.
    pub by_hand: Vec<f64>,
    /// By reverse mode.
    pub engine: Vec<f64>,
}

/// A network of 2 inputs, 3 hidden units and 2 outputs, with sigmoid and quadratic cost, on a batch of 4 columns.
pub fn run() -> Result<Vec<Pair>> {
    let graph = Graph::dynamic();
    let constant = |tensor: Tensor| graph.constant(tensor);
    let w1 = constant([[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0]].into());
    let w2 = constant([[1.0, -2.0, 0.5], [0.25, 0.75, -1.25]].into());
    let (b1, b2) = (
        constant([[0.1], [-0.2], [0.3]].into()),
        constant([[-0.4], [0.5]].into()),
    );
    let x = constant([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]].into());
    let target = constant([[0.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0]].into());
    // begin
    let z1 = w1.matmul(x) + b1;
    let h1 = z1.sigmoid();
    let z2 = w2.matmul(h1) + b2;
    let h2 = z2.sigmoid();
    let batch = 4.0;
    let cost = ((h2 - target) * (h2 - target)).sum_all() / (2.0 * batch);

    // σ′(z) = σ(z) (1 − σ(z))
    let delta2 = (h2 - target) * h2 * (1.0 - h2);
    let delta1 = w2.matrix_transpose().matmul(delta2) * h1 * (1.0 - h1);
    let by_hand = [
        ("δ2", delta2),
        ("δ1", delta1),
        ("∂C/∂W2", delta2.matmul(h1.matrix_transpose()) / batch),
        ("∂C/∂b2", delta2.sum(&[1], true) / batch),
        ("∂C/∂W1", delta1.matmul(x.matrix_transpose()) / batch),
        ("∂C/∂b1", delta1.sum(&[1], true) / batch),
    ];
    // A column of δ is the derivative of its example's own cost: not divided by the size of the batch.
    let of_deltas = reverse::gradients(cost * batch, &[z2, z1]);
    let of_parameters = reverse::gradients(cost, &[w2, b2, w1, b1]);
    // end
    let engine = of_deltas.into_iter().chain(of_parameters);
    let pair = |((name, by_hand), engine): ((&'static str, Var<'_>), Var<'_>)| {
        Ok(Pair {
            name,
            by_hand: by_hand.value()?.to_f64(),
            engine: engine.value()?.to_f64(),
        })
    };
    by_hand.into_iter().zip(engine).map(pair).collect()
}

fn main() -> Result<()> {
    for Pair { name, by_hand, engine } in run()? {
        println!("{name}\n  by hand {by_hand:.6?}\n  engine  {engine:.6?}");
    }
    Ok(())
}
