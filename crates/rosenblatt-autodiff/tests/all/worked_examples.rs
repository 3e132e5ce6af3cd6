//! Examples worked by hand: values and gradients to the digit, and the equations of back-propagation.

use rosenblatt_autodiff::{Graph, Var, forward, reverse};
use rosenblatt_tensor::Tensor;
use rosenblatt_tensor::rng::Rng;
use rosenblatt_testkit::assert_close;

fn scalar(graph: &Graph, value: f64) -> Var<'_> {
    graph.constant(Tensor::scalar(value))
}

fn item(x: Var<'_>) -> f64 {
    x.value().unwrap().item().unwrap()
}

/// `f = x · (x + y)` at (2, 1): paths add up.
#[test]
fn gradients_of_paths_add() {
    let graph = Graph::dynamic();
    let (x, y) = (scalar(&graph, 2.0), scalar(&graph, 1.0));
    let z = x + y;
    let f = x * z;
    let gradients = reverse::gradients(f, &[x, y, z])
        .into_iter()
        .map(item)
        .collect::<Vec<_>>();
    assert_eq!((item(f), &gradients[..]), (6.0, &[5.0, 2.0, 2.0][..]));
    let one = scalar(&graph, 1.0);
    assert_eq!(
        [x, y].map(|input| item(forward::jvp(&[f], &[input], &[one])[0])),
        [5.0, 2.0]
    );
}

/// `f = x · exp((3x) · max(x, y))` at (2, 1): `f = 2e¹²`, `∂f/∂x = 25e¹²`, `∂f/∂y = 0`.
#[test]
fn a_product_an_exponential_and_a_maximum() {
    let graph = Graph::dynamic();
    let (x, y) = (scalar(&graph, 2.0), scalar(&graph, 1.0));
    let f = x * ((3.0 * x) * x.maximum(y)).exp();
    let gradients = reverse::gradients(f, &[x, y]);
    assert_eq!(format!("{:.11}", item(f)), "325509.58283800783");
    assert_eq!(format!("{:.9}", item(gradients[0])), "4068869.785475098");
    assert_eq!(item(gradients[1]), 0.0);
}

/// `σ(wx + b)`: each local gradient times what flows in.
#[test]
fn a_logistic_neuron() {
    let graph = Graph::dynamic();
    let (w, x, b) = (scalar(&graph, 2.0), scalar(&graph, -1.0), scalar(&graph, 3.0));
    let y = (w * x + b).sigmoid();
    let slope = item(y) * (1.0 - item(y));
    let gradients: Vec<f64> = reverse::gradients(y, &[w, x, b]).into_iter().map(item).collect();
    assert_close(item(y), 1.0 / (1.0 + (-1.0_f64).exp()), 1e-15);
    assert_eq!(gradients, [-slope, 2.0 * slope, slope]);
}

type Matrix = Vec<Vec<f64>>;

fn matrix(rows: usize, cols: usize, f: impl Fn(usize, usize) -> f64) -> Matrix {
    (0..rows).map(|i| (0..cols).map(|j| f(i, j)).collect()).collect()
}

fn random(purpose: &str, rows: usize, cols: usize) -> Matrix {
    let mut numbers = vec![0.0; rows * cols];
    Rng::new(11).purpose(purpose).fill_normal(0, &mut numbers);
    matrix(rows, cols, |i, j| numbers[i * cols + j])
}

fn tensor(x: &Matrix) -> Tensor {
    let cols = x.first().map_or(0, Vec::len);
    Tensor::from_vec(x.concat(), &[x.len(), cols]).unwrap()
}

/// A network with two hidden layers of tanh and a squared error, by the four equations, loop by loop:
/// `δᴸ = ∂C/∂zᴸ`, `δˡ = (Wˡ⁺¹)ᵀ δˡ⁺¹ ⊙ φ′(zˡ)`, `∂C/∂Wˡ = δˡ (hˡ⁻¹)ᵀ`, `∂C/∂bˡ = δˡ`, averaged over the batch.
#[test]
fn back_propagation_by_hand() {
    const SIZES: [usize; 4] = [4, 5, 3, 2];
    const BATCH: usize = 6;
    let x = random("x", BATCH, SIZES[0]);
    let target = random("t", BATCH, SIZES[3]);
    let weights: Vec<Matrix> = (0..3)
        .map(|l| random(&format!("w{l}"), SIZES[l + 1], SIZES[l]))
        .collect();
    let biases: Vec<Matrix> = (0..3).map(|l| random(&format!("b{l}"), 1, SIZES[l + 1])).collect();

    let graph = Graph::dynamic();
    let leaves = |all: &[Matrix]| all.iter().map(|m| graph.constant(tensor(m))).collect::<Vec<_>>();
    let (w, b) = (leaves(&weights), leaves(&biases));
    let mut h = graph.constant(tensor(&x));
    for l in 0..3 {
        let z = h.matmul(w[l].matrix_transpose()) + b[l];
        h = if l < 2 { z.tanh() } else { z };
    }
    let error = h - graph.constant(tensor(&target));
    let cost = 0.5 * error.dot(error) / BATCH as f64;
    let (got_w, got_b) = (reverse::gradients(cost, &w), reverse::gradients(cost, &b));

    let mut want_w: Vec<Matrix> = (0..3).map(|l| matrix(SIZES[l + 1], SIZES[l], |_, _| 0.0)).collect();
    let mut want_b: Vec<Vec<f64>> = (0..3).map(|l| vec![0.0; SIZES[l + 1]]).collect();
    for (x, target) in x.iter().zip(&target) {
        let mut hidden = vec![x.clone()];
        for l in 0..3 {
            let z = |i: usize| weights[l][i].iter().zip(&hidden[l]).map(|(w, h)| w * h).sum::<f64>() + biases[l][0][i];
            let next = (0..SIZES[l + 1])
                .map(|i| if l < 2 { z(i).tanh() } else { z(i) })
                .collect();
            hidden.push(next);
        }
        let mut delta: Vec<f64> = hidden[3].iter().zip(target).map(|(y, t)| y - t).collect();
        for l in (0..3).rev() {
            for (i, d) in delta.iter().enumerate() {
                want_b[l][i] += d / BATCH as f64;
                hidden[l]
                    .iter()
                    .zip(&mut want_w[l][i])
                    .for_each(|(h, sum)| *sum += d * h / BATCH as f64);
            }
            // φ′(z) = 1 − tanh²z, from h = tanh z.
            let back = |j: usize| delta.iter().enumerate().map(|(i, d)| weights[l][i][j] * d).sum::<f64>();
            delta = (0..SIZES[l]).map(|j| back(j) * (1.0 - hidden[l][j].powi(2))).collect();
        }
    }
    for l in 0..3 {
        assert_close(got_w[l].value().unwrap().to_f64(), want_w[l].concat(), 1e-13);
        assert_close(got_b[l].value().unwrap().to_f64(), &want_b[l][..], 1e-13);
    }
}

/// The gradient of cross-entropy after softmax is `p − t`, averaged over the batch.
#[test]
fn cross_entropy_after_softmax() {
    let graph = Graph::dynamic();
    let logits = graph.constant(tensor(&random("logits", 5, 3)));
    let target = graph.constant(Tensor::from_vec(vec![0_i64, 2, 1, 1, 0], &[5]).unwrap());
    let probability = logits.softmax();
    let residual = (probability - target.one_hot(3, rosenblatt_tensor::DType::F64)) / 5.0;
    let fused = reverse::gradients(logits.softmax_cross_entropy(target).mean_all(), &[logits])[0];
    let composed = reverse::gradients(-logits.log_softmax().take_along_axis(target).mean_all(), &[logits])[0];
    let expected = residual.value().unwrap().to_f64();
    assert_close(fused.value().unwrap().to_f64(), &expected[..], 1e-15);
    assert_close(composed.value().unwrap().to_f64(), &expected[..], 1e-15);
}

/// Control flow is the host language's: Newton's iteration for `√2` runs until it converges.
#[test]
fn a_loop_that_depends_on_values() {
    let graph = Graph::dynamic();
    let a = scalar(&graph, 2.0);
    let mut x = a;
    while (item(x * x) - item(a)).abs() > 1e-12 {
        x = 0.5 * (x + a / x);
    }
    let slope = item(reverse::gradients(x, &[a])[0]);
    assert_close([item(x), slope], [2.0_f64.sqrt(), 0.5 / 2.0_f64.sqrt()], 1e-12);
}
