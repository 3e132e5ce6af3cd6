//! Random numbers of graphs.

use rosenblatt_autodiff::ops::Distribution;
use rosenblatt_autodiff::{Graph, Var};
use rosenblatt_tensor::{DType, Tensor};
use rosenblatt_testkit::{Tolerance, assert_close};

fn numbers(x: Var<'_>) -> Vec<f64> {
    x.value().unwrap().to_f64()
}

#[test]
fn random_numbers_depend_on_seed_step_and_purpose() {
    let draw = |seed: i64, step: i64, purpose: &str, rows: usize| {
        let graph = Graph::dynamic();
        let counter = graph.constant(Tensor::from_vec(vec![seed, step], &[2]).unwrap());
        numbers(counter.random(Distribution::Uniform, purpose, &[rows, 4], DType::F64))
    };
    let first = draw(1, 2, "dropout", 10);
    assert_eq!(first, draw(1, 2, "dropout", 10));
    assert_eq!(
        first[..20],
        draw(1, 2, "dropout", 5),
        "a smaller batch has the same first rows"
    );
    for other in [
        draw(2, 2, "dropout", 10),
        draw(1, 3, "dropout", 10),
        draw(1, 2, "noise", 10),
    ] {
        assert!(first.iter().zip(&other).all(|(a, b)| a != b));
    }
}

#[test]
fn random_numbers_are_spread_as_said() {
    let graph = Graph::dynamic();
    let counter = graph.constant(Tensor::from_vec(vec![5_i64, 0], &[2]).unwrap());
    let n = 100_000;
    let draw = |distribution| numbers(counter.random(distribution, "spread", &[n], DType::F32));
    let moments = |x: &[f64]| {
        let mean = x.iter().sum::<f64>() / n as f64;
        [mean, x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64]
    };
    // Six standard errors of the mean, and more of the variance.
    assert_close(
        moments(&draw(Distribution::Uniform)),
        [0.5, 1.0 / 12.0],
        Tolerance::absolute(0.006),
    );
    assert_close(
        moments(&draw(Distribution::Normal)),
        [0.0, 1.0],
        Tolerance::absolute(0.03),
    );
    assert_close(
        moments(&draw(Distribution::Bernoulli(0.3))),
        [0.3, 0.21],
        Tolerance::absolute(0.01),
    );
}
