//! A graph convolution: the adjacency is one more input, the labeled nodes another.

use rosenblatt::prelude::*;

const NODES: usize = 20;

/// Two rings of ten nodes with one edge between them: the adjacency with self-loops, normalized by the degrees.
fn adjacency() -> Result<Tensor> {
    let edge = |i: usize, j: usize| {
        let (same, apart) = (i / 10 == j / 10, (i + 10 - j % 10) % 10);
        i == j || same && (apart == 1 || apart == 9) || (i.min(j), i.max(j)) == (9, 10)
    };
    let degree = |i: usize| (0..NODES).filter(|&j| edge(i, j)).count() as f32;
    let entry = |i, j| {
        if edge(i, j) {
            1.0 / (degree(i) * degree(j)).sqrt()
        } else {
            0.0
        }
    };
    Tensor::new(
        (0..NODES * NODES).map(|k| entry(k / NODES, k % NODES)).collect(),
        &[NODES, NODES],
    )
}

/// The loss of every step, and the accuracy on all nodes: one node of each ring has a label.
pub fn run() -> Result<(Vec<f64>, f64)> {
    let a = adjacency()?;
    let one_hot = |k: usize| f32::from(u8::from(k / NODES == k % NODES));
    let x = Tensor::new((0..NODES * NODES).map(one_hot).collect(), &[NODES, NODES])?;
    let (nodes, labels) = ([3i64, 15].into(), [0i64, 1].into());
    let mut losses = Vec::new();
    // begin
    let logits = transform::function(|m, [a, x]| {
        let h = a.matmul(m.apply("0", &Linear::new(8), x)).relu();
        a.matmul(m.apply("1", &Linear::new(2), h))
    });
    let mut gcn = Trainer::new(Sgd::default().lr(0.5), 0, |m, [a, x, nodes, labels]| {
        let known = logits(m, [a, x]).take(nodes);
        known.softmax_cross_entropy(labels).mean_all()
    });
    for _ in 0..200 {
        losses.push(gcn.step([&a, &x, &nodes, &labels])?);
    }
    // end
    let classes = transform::apply(|m, [a, x]| logits(m, [a, x]).argmax(-1), &gcn.params()?, [&a, &x])?;
    let classes = classes.to_vec::<i64>()?;
    let right = (0..NODES).filter(|&node| classes[node] == (node / 10) as i64).count();
    Ok((losses, right as f64 / NODES as f64))
}

fn main() -> Result<()> {
    let (losses, accuracy) = run()?;
    println!(
        "loss {} → {}; accuracy on all nodes {accuracy}",
        losses[0],
        losses[losses.len() - 1]
    );
    Ok(())
}
